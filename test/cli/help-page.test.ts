import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMAND_TABLE } from '../../src/cli/commands.ts';
import { helpPage } from '../../src/cli/help-page.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';

const { commands, groups } = COMMAND_TABLE;
const NAMES = ['', ...Object.keys(groups), ...commands.map(({ name }) => name)];

/** Returns the calls of `kusk` within an example: the words between its name and the shell's signs. */
function callsIn(example: string): readonly (readonly string[])[] {
  return [...example.matchAll(/\bkusk (?<words>[^|&;()<>]*)/g)].map(({ groups: found }) =>
    (found?.words ?? '').trim().split(/\s+/),
  );
}

describe('the help', () => {
  for (const name of NAMES) {
    it(`fits into 80 columns, without blanks at the end of a line: kusk ${name}`, () => {
      for (const line of helpPage(name, { table: COMMAND_TABLE }).split('\n')) {
        assert.ok(line.length <= 80, line);
        assert.equal(line, line.trimEnd());
      }
    });
  }

  it('of kusk lists every command', () => {
    const page = helpPage('', { table: COMMAND_TABLE });
    for (const { name, summary } of commands) {
      assert.match(page, new RegExp(`^  ${name} +${summary.slice(0, 20)}`, 'm'));
    }
  });

  for (const { name, flags, examples } of commands) {
    it(`of a command has its flags and an example: ${name}`, () => {
      const page = helpPage(name, { table: COMMAND_TABLE });
      for (const flag of flags)
        assert.match(page, new RegExp(`^ +(-\\w, )?--${flag.name}\\b`, 'm'));
      assert.ok(examples.length > 0);
      for (const { command, why } of examples) assert.ok(page.includes(`  # ${why}\n  ${command}`));
    });

    it(`of a command has examples that the parser accepts: ${name}`, async () => {
      for (const { command } of examples) {
        const calls = callsIn(command);
        assert.ok(calls.length > 0, command);
        for (const words of calls) {
          const invocation = await parseCommandLine(words, { table: COMMAND_TABLE, version: '1' });
          assert.ok(typeof invocation === 'object', command);
        }
      }
    });
  }
});

describe('the table of commands', () => {
  it('has sentences of one style', () => {
    for (const { name, summary, flags } of commands) {
      assert.match(summary, /^[A-Z].*[^.]$/, name);
      for (const { help } of flags) assert.match(help, /^[^A-Z].*[^.]$/, `${name}: ${help}`);
    }
  });

  it('has each command, and each flag of a command, once', () => {
    const names = commands.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
    for (const { name, flags } of commands) {
      const all = [
        ...flags.flatMap((flag) => [flag.name, ...(flag.short ? [flag.short] : [])]),
        ...flags.flatMap((flag) => flag.aliases ?? []),
        ...['no-color', 'help', 'h'],
      ];
      assert.deepEqual(all, [...new Set(all)], name);
    }
  });

  it('has a summary for each group', () => {
    const first = commands
      .filter(({ name }) => name.includes(' '))
      .map(({ name }) => name.split(' ')[0]);
    assert.deepEqual(new Set(Object.keys(groups)), new Set(first));
  });

  it('loads the code of each command', async () => {
    for (const { load } of commands) assert.equal(typeof (await load()).run, 'function');
    for (const load of Object.values(COMMAND_TABLE.internal)) {
      assert.equal(typeof (await load()).run, 'function');
    }
  });
});
