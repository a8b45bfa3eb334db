import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ROOT } from '../../lab/support/root.ts';

export interface TestGroups {
  /** Tests of a room of `src/` or of its catalogue. Coverage is taken from them. */
  readonly unit: readonly string[];
  /** Tests of whole programs, charts and tools. They run bundles, whose coverage can't be counted. */
  readonly whole: readonly string[];
}

/**
 * Files of rooms from which no coverage is taken: other files cover all but a dozen of the lines that they
 * cover. Some run a browser, clients or the compiler, and wait for them. The others try thousands of random
 * inputs, for which V8 needs two and a half times as long while it takes coverage.
 */
export const UNCOVERED: readonly string[] = [
  'cluster/json-scanner',
  'collector/ingest/slow-senders',
  'collector/official-clients',
  'collector/pages/browser',
  'dashboard/dashboard-browser',
  'event-types',
  'record/creations-model',
].map((name) => join(ROOT, 'test', `${name}.test.ts`));

/** Groups test files by whether they mirror `src/` and coverage is taken from them. */
export async function groupTests(files: readonly string[]): Promise<TestGroups> {
  const rooms = new Set(await readdir(join(ROOT, 'src')));
  const isUnit = (file: string) => {
    const [room = '', ...rest] = relative(join(ROOT, 'test'), file).split(sep);
    return (rest.length === 0 || rooms.has(room)) && !UNCOVERED.includes(file);
  };
  return { unit: files.filter(isUnit), whole: files.filter((file) => !isUnit(file)) };
}
