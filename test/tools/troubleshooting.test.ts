import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';

const PAGE = await readFile(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
/** What each row of the tables has as its line. */
const ROWS = [...PAGE.matchAll(/^\| `([^`]+)` \|/gm)].map(([, line = '']) => line);

interface LogLine {
  readonly file: string;
  /** As it is in the source: a template has its `${...}`. */
  readonly message: string;
}

const STRING = /'((?:[^'\\]|\\.)*)'|`([^`]*)`/g;

/** Returns the messages of each call of a logger in a source. */
function messagesIn(text: string): readonly string[] {
  const calls = text.matchAll(/\blog\.(?:trace|debug|info|warn|error|fatal)(?=\()/g);
  return [...calls].flatMap(({ 0: name, index }) => {
    const texts = argumentsAt(text, index + name.length).matchAll(STRING);
    return [...texts].map(([, plain, template]) => plain ?? template ?? '');
  });
}

/** Returns the text between a parenthesis and the one that closes it, which is in no string. */
function argumentsAt(text: string, start: number): string {
  const code = text.slice(start).replaceAll(STRING, (string) => 'x'.repeat(string.length));
  let depth = 0;
  for (const { 0: sign, index } of code.matchAll(/[()]/g)) {
    depth += sign === '(' ? 1 : -1;
    if (depth === 0) return text.slice(start, start + index);
  }
  throw new Error(`a parenthesis is not closed: ${text.slice(start, start + 80)}`);
}

async function logLines(): Promise<readonly LogLine[]> {
  const patterns = ['src/operator/observability/log.ts', 'src/collector/**/*.ts', 'src/bin/*.ts'];
  const files = (await Promise.all(patterns.map((pattern) => filesIn(ROOT, pattern)))).flat();
  const found = await Promise.all(
    files.map(async (path) => {
      const file = relative(ROOT, path);
      return messagesIn(await readFile(path, 'utf8')).map((message) => ({ file, message }));
    }),
  );
  return found.flat();
}

/** Returns whether a row has the message, with any text in the place of each `${...}`. */
function isOnPage(message: string): boolean {
  const parts = message.split(/\$\{[^}]*\}/).map((part) => RegExp.escape(part));
  const pattern = new RegExp(`^${parts.join('.*')}$`);
  return ROWS.some((row) => pattern.test(row));
}

describe('docs/troubleshooting.md', () => {
  it('has every line that the operator and the collector log', async () => {
    const lines = await logLines();
    assert.ok(lines.length > 30, `${lines.length}`);
    const missing = lines.filter(({ message }) => !isOnPage(message));
    assert.deepEqual(missing, []);
  });

  it('has no line that nobody logs', async () => {
    const lines = await logLines();
    const patterns = lines.map(({ message }) => {
      const parts = message.split(/\$\{[^}]*\}/).map((part) => RegExp.escape(part));
      return new RegExp(`^${parts.join('.*')}$`);
    });
    const unknown = ROWS.filter((row) => !patterns.some((pattern) => pattern.test(row)));
    assert.deepEqual(unknown, []);
  });
});

describe('the reading of log calls', () => {
  it('finds plain messages, both of a choice, and templates', () => {
    const code = "log.info({ a: 1 }, 'one'); log.warn(on ? 'two' : 'three'); log.error(`four`);";
    assert.deepEqual(messagesIn(code), ['one', 'two', 'three', 'four']);
  });

  it('ends with the call, also in a list, and not with a parenthesis in a message', () => {
    const code =
      "f({ a: () => log.info({}, 'one (1)'), b: 'two' }); log.warn(g(), ':)'); h('three');";
    assert.deepEqual(messagesIn(code), ['one (1)', ':)']);
  });
});
