/**
 * `npm test`: checks, builds, gets the control plane, runs all tests and judges the coverage of the unit
 * tests. At the end it prints how long each part and each file took, and which tests failed and why.
 *
 * `npm test -- PATHS...` builds, and runs the tests in these files and folders only. With `--release FOLDER` it
 * builds nothing and takes programs, charts and the npm package from what `npm run release` has built there.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CONTROL_PLANE } from '../lab/control-plane/boot.ts';
import { ensure } from '../lab/control-plane/ensure.ts';
import { useBundles, useRelease } from '../lab/support/programs.ts';
import { ROOT } from '../lab/support/root.ts';
import { run } from '../lab/support/run.ts';
import { messageOf } from '../src/runtime/message-of.ts';
import { type Duration, durationLines, slowest, timed } from './test/durations.ts';
import { type Failure, failureLines } from './test/failures.ts';
import { testFiles } from './test/files.ts';
import { gate } from './test/gate.ts';
import { groupTests } from './test/groups.ts';
import { longestFirst } from './test/order.ts';
import { runTests, type TestRunOptions } from './test/run-tests.ts';
import { unpackRelease } from './test/unpack-release.ts';

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => interrupted.abort());
}
const { signal } = interrupted;

/** What was done, and whether it went well. */
type Outcome = readonly [name: string, isGood: boolean];

const LEAST_MS = 1000;
/** How failed tests are printed at the end. */
const FAILURES = { root: ROOT, limit: 10, errorLines: 12 };
/** Processes at a time, for two cores. Unit tests compute; the others also wait for control planes and limits. */
const AT_ONCE = { unit: 3, whole: 5 };
/** More of them share the work more evenly, fewer load less. */
const UNIT_BATCHES = 12;
const ENSURING = { env: process.env, log: console.log, signal };
/** What runs the programs, the npm package and the charts as a user has them. */
const RELEASE_TESTS = ['charts', 'e2e'].map((name) => join(ROOT, 'test', name));
const UNCOVERED_RUN: TestRunOptions = { atOnce: AT_ONCE.whole, signal };
const parts: Duration[] = [];
const fileDurations: Duration[] = [];
const failures: Failure[] = [];

/** Runs a part of the whole, and remembers how long it took. */
async function part<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
  const { result, duration } = await timed(name, task);
  parts.push(duration);
  return result;
}

async function script(name: string): Promise<Outcome> {
  const command = [join(ROOT, 'tools', `${name}.ts`)];
  const { code, output } = await part(name, () => run(process.execPath, command));
  console.log(output);
  return [`npm run ${name}`, code === 0];
}

/** Builds what is missing of it before the tests, which would compete with a build. */
async function getControlPlane() {
  await part('control plane', () => ensure([...CONTROL_PLANE, 'helm', 'helm3'], ENSURING));
}

/** Their own test fails if they can't be had, and no other. */
async function getCheckers() {
  try {
    await part('checkers', () => ensure(['kubeconform', 'kube-score'], ENSURING));
  } catch (error) {
    console.log(`kubeconform and kube-score: ${messageOf(error)}`);
  }
}

async function testThese(name: string, files: readonly string[], options: TestRunOptions) {
  const { durations, ...ran } = await part(name, () => runTests(longestFirst(files), options));
  fileDurations.push(...durations);
  failures.push(...ran.failures);
  return ran;
}

function slowestFiles(): readonly Duration[] {
  const named = fileDurations.map(({ name, ms }) => ({ name: relative(ROOT, name), ms }));
  return slowest(named, { leastMs: LEAST_MS });
}

async function testAll(): Promise<readonly Outcome[]> {
  const prepared = [await script('check'), await script('build')];
  await getControlPlane();
  await getCheckers();
  const { unit, whole } = await groupTests(await testFiles([join(ROOT, 'test')]));
  const units = await testThese('unit tests', unit, {
    atOnce: AT_ONCE.unit,
    batches: UNIT_BATCHES,
    coverageOf: 'src/**/*.ts',
    signal,
  });
  const wholes = await testThese('tests of whole programs', whole, UNCOVERED_RUN);
  const { isEnough, lines } = await gate(units.coverage);
  console.log(lines.join('\n'));
  return [
    ...prepared,
    ['the unit tests', units.passed],
    ['the tests of whole programs', wholes.passed],
    ['the coverage', isEnough],
  ];
}

async function testOnly(paths: readonly string[]): Promise<readonly Outcome[]> {
  const built = await script('build');
  await getControlPlane();
  const { passed } = await testThese('tests', await testFiles(paths), UNCOVERED_RUN);
  return [built, ['the tests', passed]];
}

async function testRelease(from: string, paths: readonly string[]): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-release-'));
  try {
    const { bundles, release } = await part('unpack', () => unpackRelease(from, folder));
    useBundles(bundles);
    useRelease(release);
    await getControlPlane();
    const { passed } = await testThese('tests', await testFiles(paths), UNCOVERED_RUN);
    return [['the tests of the release', passed]];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function choose(release: string | undefined): Promise<readonly Outcome[]> {
  if (release !== undefined) {
    return testRelease(resolve(release), paths.length > 0 ? paths : RELEASE_TESTS);
  }
  return paths.length > 0 ? testOnly(paths) : testAll();
}

useBundles(join(ROOT, 'dist'));
const { values, positionals: paths } = parseArgs({
  options: { release: { type: 'string' } },
  allowPositionals: true,
});
const outcomes = await choose(values.release);
console.log(['the slowest files:', ...durationLines(slowestFiles())].join('\n'));
console.log(['the parts:', ...durationLines(parts)].join('\n'));
const failed = outcomes.filter(([, isGood]) => !isGood).map(([name]) => name);
if (failed.length > 0) {
  console.log([`FAILED: ${failed.join(', ')}`, ...failureLines(failures, FAILURES)].join('\n'));
}
process.exitCode = failed.length === 0 ? 0 : 1;
