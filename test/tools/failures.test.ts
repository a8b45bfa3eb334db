import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../../lab/support/root.ts';
import { runToEnd } from '../../lab/support/run.ts';
import { failureLines } from '../../tools/test/failures.ts';

const FAILING = `import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
describe('a suite', () => {
  it('is good', () => {});
  it('counts', () => assert.equal(31, 30));
});
describe('another', () => {
  before(() => { throw new Error('hook'); });
  it('is cancelled', () => {});
});
`;
/** Runs a file as `npm test` does, and prints its failures. */
const RUNNER = `
import { runTests } from ${JSON.stringify(join(ROOT, 'tools/test/run-tests.ts'))};
import { failureLines } from ${JSON.stringify(join(ROOT, 'tools/test/failures.ts'))};
const options = { atOnce: 1, signal: new AbortController().signal, ...JSON.parse(process.argv[3]) };
const { failures, passed } = await runTests([process.argv[2]], options);
const lines = failureLines(failures, { root: process.cwd(), limit: 9, errorLines: 9 });
console.log(JSON.stringify({ passed, lines }));
`;
const OPTIONS = { root: '/repo', limit: 2, errorLines: 2 };

function thrown(stack: string): Error {
  return Object.assign(new Error('short'), { stack });
}

describe('the failures that npm test prints last', () => {
  it('name the test, its place and what it threw', () => {
    const error = thrown(
      'AssertionError: 31 !== 30\n\n    at node:internal/one:1:2\n    at file:///repo/test/a.test.ts:7:9\n    at more',
    );
    assert.deepEqual(
      failureLines([{ name: 'counts', file: '/repo/test/a.test.ts', line: 5, error }], OPTIONS),
      [
        '  test/a.test.ts:5  counts',
        '      AssertionError: 31 !== 30',
        '          at test/a.test.ts:7:9',
      ],
    );
  });

  it('show what node:test has wrapped, and values that are no errors', () => {
    const wrapped = Object.assign(new Error('failed', { cause: thrown('Error: inner') }), {
      code: 'ERR_TEST_FAILURE',
    });
    const at = { file: '/repo/b.ts', line: 1 };
    assert.deepEqual(
      failureLines(
        [
          { name: 'one', ...at, error: wrapped },
          { name: 'two', ...at, error: 'a text' },
        ],
        OPTIONS,
      ),
      ['  b.ts:1  one', '      Error: inner', '  b.ts:1  two', '      a text'],
    );
  });

  it('are counted beyond the limit', () => {
    const failure = { name: 'one', file: '/repo/b.ts', line: 1, error: 'x' };
    assert.equal(failureLines(Array(5).fill(failure), OPTIONS).at(-1), '  and 3 more');
    assert.deepEqual(failureLines([], OPTIONS), []);
  });

  for (const options of [{}, { batches: 1 }]) {
    it(`are those of the tests themselves, before those that a failed suite cancelled, with ${JSON.stringify(options)}`, async (t) => {
      const root = await mkdtemp(join(tmpdir(), 'kusk-failures-'));
      t.after(() => rm(root, { recursive: true }));
      await writeFile(join(root, 'run.mjs'), RUNNER);
      const file = join(root, 'a.test.ts');
      await writeFile(file, FAILING);

      const { NODE_V8_COVERAGE: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
      const args = ['run.mjs', file, JSON.stringify(options)];
      const { out, problem } = await runToEnd(process.execPath, args, { cwd: root, env });
      const { passed, lines } = JSON.parse(out.trim().split('\n').at(-1) ?? problem);
      assert.equal(passed, false);
      assert.match(lines.join('\n'), /31 !== 30/);
      const named = lines.filter((line: string) => line.startsWith('  a.test.ts:'));
      assert.deepEqual(named, [
        '  a.test.ts:5  counts',
        '  a.test.ts:7  another',
        '  a.test.ts:9  is cancelled',
      ]);
    });
  }
});
