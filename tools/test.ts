/**
 * `npm test`: checks, builds, gets the control plane, runs all tests and judges their coverage.
 *
 * `npm test -- PATHS...` builds and runs the tests in these files and folders only.
 */

import { existsSync, statSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { ensure } from './control-plane/ensure.ts';
import type { ProgramName } from './control-plane/programs.ts';
import { ROOT } from './root.ts';
import { run } from './run.ts';
import { judge } from './test/coverage.ts';
import { runTests } from './test/run-tests.ts';
import { unloaded } from './test/unloaded.ts';

const LEAST_PERCENT = 90;
const CONTROL_PLANE: readonly ProgramName[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kubectl',
];

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interrupted.abort(signal));
}

/** Runs one of our scripts, and shows what it says. */
async function script(name: string): Promise<boolean> {
  const { code, output } = await run(process.execPath, [join(ROOT, 'tools', name)]);
  console.log(output);
  return code === 0;
}

async function prepare() {
  const isBuilt = await script('build.ts');
  const names = existsSync(join(ROOT, 'test/charts'))
    ? [...CONTROL_PLANE, 'helm' as const]
    : CONTROL_PLANE;
  await ensure(names, { env: process.env, log: console.log, signal: interrupted.signal });
  return isBuilt;
}

async function testFiles(paths: readonly string[]): Promise<readonly string[]> {
  const files = paths.map(async (path) => {
    if (!statSync(path).isDirectory()) return [resolve(path)];
    return Array.fromAsync(glob(join(resolve(path), '**/*.test.ts')));
  });
  return (await Promise.all(files)).flat().sort();
}

/** Whether enough of `src/` is covered; says so. */
async function suffices(coverage: Parameters<typeof judge>[0]): Promise<boolean> {
  const sources = await Array.fromAsync(glob(join(ROOT, 'src/**/*.ts')));
  const files = [...coverage, ...(await unloaded(sources, { loaded: coverage }))];
  const strict = [join(ROOT, 'src/record/'), join(ROOT, 'src/event.ts')];
  const isStrict = (path: string) => strict.some((start) => path.startsWith(start));
  const { summary, problems } = judge(files, { isStrict, least: LEAST_PERCENT });
  console.log(`coverage of src/: ${summary}`);
  for (const problem of problems) console.log(`  ${problem.replace(`${ROOT}/`, '')}`);
  return problems.length === 0;
}

async function all(): Promise<readonly [string, boolean][]> {
  const isChecked = await script('check.ts');
  const isBuilt = await prepare();
  const files = await testFiles([join(ROOT, 'test')]);
  const { passed, coverage } = await runTests(files, {
    coverageOf: 'src/**/*.ts',
    signal: interrupted.signal,
  });
  return [
    ['npm run check', isChecked],
    ['npm run build', isBuilt],
    ['tests', passed],
    ['coverage', await suffices(coverage)],
  ];
}

async function only(paths: readonly string[]): Promise<readonly [string, boolean][]> {
  const isBuilt = await prepare();
  const files = await testFiles(paths);
  console.log(files.map((file) => relative(ROOT, file)).join('\n'));
  const { passed } = await runTests(files, { signal: interrupted.signal });
  return [
    ['npm run build', isBuilt],
    ['tests', passed],
  ];
}

const paths = process.argv.slice(2);
const failed = (await (paths.length > 0 ? only(paths) : all())).filter(([, isGood]) => !isGood);
for (const [name] of failed) console.log(`FAILED: ${name}`);
process.exitCode = failed.length === 0 ? 0 : 1;
