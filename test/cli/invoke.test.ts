import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { CommandSpec, RunCommand } from '../../src/cli/command.ts';
import { CommandError, UsageError } from '../../src/cli/command-error.ts';
import { invoke } from '../../src/cli/invoke.ts';
import { NOTICE } from '../../src/cli/machine/notice.ts';
import { aContext, recordingTerminal } from './context.ts';

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

describe('a command that is not counted', () => {
  const cases = [
    { title: 'shows the notice at a terminal, once', isTerminal: true, expected: NOTICE },
    { title: 'shows no notice where stderr is no terminal', isTerminal: false, expected: '' },
    {
      title: 'shows no notice if it is quiet',
      isTerminal: true,
      parts: { isQuiet: true } as const,
      expected: '',
    },
    {
      title: 'shows no notice while telemetry is off',
      isTerminal: true,
      environment: { DO_NOT_TRACK: '1' },
      expected: '',
    },
  ];
  for (const { title, isTerminal, parts, environment, expected } of cases) {
    it(title, async (t) => {
      const home = mkdtempSync(join(tmpdir(), 'kusk-invoke-'));
      t.after(() => rmSync(home, { recursive: true }));
      const stderr = recordingTerminal({ isTerminal });
      const { context } = aContext({
        home,
        stderr,
        environment: { ANALYTICS_WRITE_KEY: 'key', ...environment },
        startDetached: () => assert.fail('it started a sender'),
      });
      const command = { ...commandOf(async () => 0), ...parts };
      for (const run of [1, 2]) assert.equal(await invoke(command, context), 0, `run ${run}`);
      assert.equal(stderr.text(), expected);
      assert.equal(existsSync(join(home, '.local')), expected !== '');
    });
  }
});
