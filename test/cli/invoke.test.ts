import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandSpec, RunCommand } from '../../src/cli/command.ts';
import { CommandError, UsageError } from '../../src/cli/command-error.ts';
import { invoke } from '../../src/cli/invoke.ts';
import { aContext } from './context.ts';

const commandOf = (run: RunCommand): CommandSpec => ({
  name: 'version',
  summary: 'Version',
  flags: [],
  examples: [],
  counted: false,
  load: async () => ({ run }),
});

const failing = (error: unknown) =>
  commandOf(async () => {
    throw error;
  });

describe('a command', () => {
  it('returns its exit code', async () => {
    const { context, stderr } = aContext();
    assert.equal(
      await invoke(
        commandOf(async () => 4),
        context,
      ),
      4,
    );
    assert.equal(stderr.text(), '');
  });

  const cases = [
    { title: 'a failure', error: new CommandError('it broke'), code: 1, text: 'kusk: it broke\n' },
    {
      title: 'a failure with advice',
      error: new CommandError('no right', { exitCode: 3, advice: 'Get it.' }),
      code: 3,
      text: 'kusk: no right\nGet it.\n',
    },
    { title: 'wrong usage', error: new UsageError('no'), code: 2, text: 'kusk: no\n' },
    { title: 'another error', error: new Error('ENOENT'), code: 1, text: 'kusk: ENOENT\n' },
    { title: 'no error at all', error: 'text', code: 1, text: 'kusk: text\n' },
    {
      title: 'a hostile message',
      error: new Error('\u001b]0;x\u0007'),
      code: 1,
      text: 'kusk: \\u001b]0;x\\u0007\n',
    },
  ];
  for (const { title, error, code, text } of cases) {
    it(`prints ${title} to stderr and returns its exit code`, async () => {
      const { context, stdout, stderr } = aContext();
      assert.equal(await invoke(failing(error), context), code);
      assert.equal(stderr.text(), text);
      assert.equal(stdout.text(), '');
    });
  }

  it('that Ctrl-C ended says only that', async () => {
    const { context, stderr } = aContext({ signal: AbortSignal.abort() });
    assert.equal(await invoke(failing(new Error('This operation was aborted')), context), 1);
    assert.equal(stderr.text(), 'kusk: interrupted\n');
  });

  it('whose code cannot be loaded fails as any other', async () => {
    const { context, stderr } = aContext();
    const command: CommandSpec = {
      ...commandOf(async () => 0),
      load: () => Promise.reject(new Error('no chunk')),
    };
    assert.equal(await invoke(command, context), 1);
    assert.equal(stderr.text(), 'kusk: no chunk\n');
  });
});
