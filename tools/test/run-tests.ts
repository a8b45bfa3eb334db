import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { writeBatches } from './batches.ts';
import type { FileCoverage } from './coverage.ts';
import type { Duration } from './durations.ts';
import type { Failure } from './failures.ts';

const FILE_TIMEOUT_MS = 15 * 60_000;
const COMPILE_CACHE = join(import.meta.dirname, 'compile-cache.mjs');
const STRIPPED_TYPES = join(import.meta.dirname, 'stripped-types.mjs');

export interface TestRunOptions {
  /** How many processes run at a time. */
  readonly atOnce: number;
  /** In how many processes all files run; absent, each file has one of its own. */
  readonly batches?: number;
  /** Sources whose coverage is wanted, as a glob; absent, none is taken. */
  readonly coverageOf?: string;
  readonly signal: AbortSignal;
}

export interface TestRun {
  readonly passed: boolean;
  readonly coverage: readonly FileCoverage[];
  /** Of each file, in the order in which they ended; in batches, without the time to load it. */
  readonly durations: readonly Duration[];
  /**
   * The tests that failed themselves, in the order in which they ended. Those that a failed suite cancelled
   * come last.
   */
  readonly failures: readonly Failure[];
}

/** The `failureType` of a suite or file in which a test failed. */
const SUBTESTS_FAILED = 'subtestsFailed';
/** The `failureType` of a test whose suite failed: in a hook, or at its time limit. */
const CANCELLED = 'cancelledByParent';

/**
 * By default node:test leaves out every file that has a folder `test` in its path, the checkout's own
 * path included. Our tests are not below `src/`, so nothing has to be left out.
 *
 * @see https://nodejs.org/api/test.html#runoptions (`coverageExcludeGlobs`)
 */
function coverageOptions(include: string) {
  return { coverage: true, coverageIncludeGlobs: [include], coverageExcludeGlobs: [] };
}

/**
 * Runs test files with the spec reporter on stdout.
 *
 * The programs that they start are covered too, if they get `NODE_V8_COVERAGE` from the environment
 * and end by themselves.
 */
export async function runTests(
  files: readonly string[],
  options: TestRunOptions,
): Promise<TestRun> {
  const { batches } = options;
  if (batches === undefined) return await runProcesses(files, options);
  const folder = await mkdtemp(join(tmpdir(), 'kusk-tests-'));
  try {
    return await runProcesses(await writeBatches(files, { count: batches, folder }), options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runProcesses(
  modules: readonly string[],
  { atOnce, batches, coverageOf, signal }: TestRunOptions,
): Promise<TestRun> {
  let passed = false;
  let coverage: readonly FileCoverage[] = [];
  const durations = new Map<string, number>();
  const failures: Failure[] = [];
  const cancelled: Failure[] = [];
  const events = run({
    files: [...modules],
    concurrency: atOnce,
    timeout: FILE_TIMEOUT_MS,
    signal,
    ...(coverageOf === undefined
      ? { execArgv: ['--import', COMPILE_CACHE] }
      : { execArgv: ['--import', STRIPPED_TYPES], ...coverageOptions(coverageOf) }),
  });
  events.on('test:coverage', ({ summary }) => {
    coverage = summary.files;
  });
  events.on('test:complete', ({ name, file = '', nesting, details }) => {
    // A process is a test of its own, named by the path of its module.
    const isProcess = name === file;
    if (nesting > 0 || isProcess === (batches !== undefined)) return;
    durations.set(file, (durations.get(file) ?? 0) + details.duration_ms);
  });
  events.on('test:fail', ({ name, file = '', line = 0, details: { error } }) => {
    const type = 'failureType' in error ? error.failureType : undefined;
    if (type === SUBTESTS_FAILED) return;
    (type === CANCELLED ? cancelled : failures).push({ name, file, line, error });
  });
  events.on('test:summary', ({ success, file }) => {
    if (file === undefined) passed = success;
  });

  /** The table of all files would come after the summary, and hide it. */
  async function* withoutCoverage(source: AsyncIterable<{ readonly type: string }>) {
    for await (const event of source) if (event.type !== 'test:coverage') yield event;
  }

  await pipeline(events, withoutCoverage, new spec(), process.stdout, { end: false });
  return {
    passed,
    coverage,
    durations: [...durations].map(([name, ms]) => ({ name, ms })),
    failures: [...failures, ...cancelled],
  };
}
