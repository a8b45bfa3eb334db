import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandContext, RunCommand } from '../../../src/cli/command.ts';
import { UsageError } from '../../../src/cli/command-error.ts';
import { run as install } from '../../../src/cli/commands/cluster-install.ts';
import { run as uninstall } from '../../../src/cli/commands/cluster-uninstall.ts';
import { run as upgrade } from '../../../src/cli/commands/cluster-upgrade.ts';
import { run as help } from '../../../src/cli/commands/help.ts';
import { run as version } from '../../../src/cli/commands/version.ts';
import { COMMAND_TABLE } from '../../../src/cli/commands.ts';
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
  {
    title: "version -n 'UP/../x'",
    run: version,
    parts: { flags: { namespace: 'UP/../x', kubeconfig: '/nonexistent' } },
  },
];

describe('wrong usage', () => {
  for (const { title, run, parts } of CASES) {
    it(`is refused before anything else is done: kusk ${title}`, async () => {
      const { context, stdout } = aContext({ table: COMMAND_TABLE, ...parts });
      await assert.rejects(run(context), (error) => error instanceof UsageError);
      assert.equal(stdout.text(), '');
    });
  }
});
