import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../../lab/support/root.ts';
import type { FileCoverage } from '../../tools/test/coverage.ts';
import { testFiles } from '../../tools/test/files.ts';

const SOURCE = `export const half = (n) => (n > 0 ? n / 2 : 0);\n`;
const TEST = `import { it } from 'node:test';
import { half } from '../src/half.ts';
it('halves', () => { if (half(4) !== 2) throw new Error('wrong'); });
`;
/** Runs the tests below the current folder as \`npm test\` does, and prints their coverage. */
const RUNNER = `
import { testFiles } from ${JSON.stringify(join(ROOT, 'tools/test/files.ts'))};
import { runTests } from ${JSON.stringify(join(ROOT, 'tools/test/run-tests.ts'))};
const signal = new AbortController().signal;
const options = { atOnce: 1, batches: 1, coverageOf: 'src/**/*.ts', signal };
const { coverage } = await runTests(await testFiles(['tests']), options);
console.log('\\n' + JSON.stringify(coverage));
`;

async function setup(name: string) {
  const parent = await mkdtemp(join(tmpdir(), 'kusk-path-'));
  const checkout = join(parent, name);
  for (const folder of ['src', 'tests']) await mkdir(join(checkout, folder), { recursive: true });
  await writeFile(join(checkout, 'run.mjs'), RUNNER);
  await writeFile(join(checkout, 'package.json'), '{"type":"module"}');
  await writeFile(join(checkout, 'src/half.ts'), SOURCE);
  await writeFile(join(checkout, 'tests/half.test.ts'), TEST);
  after(() => rm(parent, { recursive: true, force: true }));
  return checkout;
}

describe('npm test in a checkout at any path', () => {
  const names = [
    'test/kusk',
    'tests/a b',
    '__tests__/x',
    'Grüße/测试',
    '[a]{b,c}/d*e',
    "it's test",
  ];
  for (const name of names) {
    it(`finds the tests and takes the coverage below ${name}`, async () => {
      const checkout = await setup(name);
      const files = await testFiles([checkout]);
      assert.deepEqual(files, [join(checkout, 'tests/half.test.ts')]);

      const { NODE_V8_COVERAGE: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
      const run = promisify(execFile);
      const { stdout } = await run(process.execPath, ['run.mjs'], { cwd: checkout, env });
      const coverage = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as FileCoverage[];
      assert.deepEqual(
        coverage.map((file) => [file.path, file.coveredLineCount, file.totalLineCount]),
        [[join(checkout, 'src/half.ts'), 1, 1]],
      );
    });
  }
});
