import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandContext, Flag, RunCommand } from '../../../src/cli/command.ts';
import { UsageError } from '../../../src/cli/command-error.ts';
import { run as install } from '../../../src/cli/commands/cluster-install.ts';
import { run as uninstall } from '../../../src/cli/commands/cluster-uninstall.ts';
import { run as upgrade } from '../../../src/cli/commands/cluster-upgrade.ts';
import { run as help } from '../../../src/cli/commands/help.ts';
import { COMMAND_TABLE } from '../../../src/cli/commands.ts';
import { invoke } from '../../../src/cli/invoke.ts';
import { aContext } from '../context.ts';

/** Without a kubeconfig, so that a command that looks for a cluster first ends with another error. */
const CASES: readonly {
  readonly title: string;
  readonly run: RunCommand;
  readonly parts: Partial<CommandContext>;
}[] = [
  { title: 'help constructor', run: help, parts: { args: ['constructor'] } },
  { title: 'help toString', run: help, parts: { args: ['toString'] } },
  { title: 'cluster install --timeout 1x', run: install, parts: { flags: { timeout: '1x' } } },
  { title: 'cluster upgrade --timeout 1x', run: upgrade, parts: { flags: { timeout: '1x' } } },
  { title: 'cluster uninstall --timeout 1x', run: uninstall, parts: { flags: { timeout: '1x' } } },
];

describe('wrong usage', () => {
  for (const { title, run, parts } of CASES) {
    it(`is refused before anything else is done: kusk ${title}`, async () => {
      const { context, stdout } = aContext({ table: COMMAND_TABLE, ...parts });
      await assert.rejects(run(context), (error) => error instanceof UsageError);
      assert.equal(stdout.text(), '');
    });
  }

  const withNamespace = COMMAND_TABLE.commands.filter(({ flags }) =>
    flags.some(({ name }: Flag) => name === 'namespace'),
  );
  for (const command of withNamespace) {
    it(`is a namespace that no cluster can have: kusk ${command.name} -n BAD_NS`, async () => {
      const { context, stdout, stderr } = aContext({ flags: { namespace: 'BAD_NS' } });
      const load = () => assert.fail('it was run, and may have been counted');
      assert.equal(await invoke({ ...command, load }, context), 2);
      assert.equal(stdout.text(), '');
      assert.match(stderr.text(), /^kusk: --namespace "BAD_NS" is not the name of a namespace\n/);
    });
  }

  it('of a namespace is found with each command that has one', () => {
    assert.equal(withNamespace.length, 10);
  });
});
