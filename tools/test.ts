/**
 * `npm test`: checks, builds, gets the control plane, runs all tests and judges their coverage.
 *
 * `npm test -- PATHS...` builds, and runs the tests in these files and folders only.
 */

import { join } from 'node:path';
import { CONTROL_PLANE } from './control-plane/boot.ts';
import { ensure } from './control-plane/ensure.ts';
import { ROOT } from './root.ts';
import { run } from './run.ts';
import { testFiles } from './test/files.ts';
import { gate } from './test/gate.ts';
import { runTests } from './test/run-tests.ts';

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => interrupted.abort());
}
const { signal } = interrupted;

/** What was done, and whether it went well. */
type Outcome = readonly [name: string, isGood: boolean];

async function script(name: string): Promise<Outcome> {
  const { code, output } = await run(process.execPath, [join(ROOT, 'tools', `${name}.ts`)]);
  console.log(output);
  return [`npm run ${name}`, code === 0];
}

async function getControlPlane() {
  await ensure([...CONTROL_PLANE, 'helm', 'helm3'], { env: process.env, log: console.log, signal });
}

async function testAll(): Promise<readonly Outcome[]> {
  const prepared = [await script('check'), await script('build')];
  await getControlPlane();
  const files = await testFiles([join(ROOT, 'test')]);
  const { passed, coverage } = await runTests(files, { coverageOf: 'src/**/*.ts', signal });
  const { isEnough, lines } = await gate(coverage);
  console.log(lines.join('\n'));
  return [...prepared, ['the tests', passed], ['the coverage', isEnough]];
}

async function testOnly(paths: readonly string[]): Promise<readonly Outcome[]> {
  const built = await script('build');
  await getControlPlane();
  const { passed } = await runTests(await testFiles(paths), { signal });
  return [built, ['the tests', passed]];
}

const paths = process.argv.slice(2);
const outcomes = await (paths.length > 0 ? testOnly(paths) : testAll());
const failed = outcomes.filter(([, isGood]) => !isGood).map(([name]) => name);
if (failed.length > 0) console.log(`FAILED: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
