import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ROOT } from '../../lab/support/root.ts';

export interface TestGroups {
  /** Tests of a room of `src/` or of its catalogue. Coverage is taken from them. */
  readonly unit: readonly string[];
  /** Tests of whole programs, charts and tools. They run bundles, whose coverage can't be counted. */
  readonly whole: readonly string[];
}

/** Groups test files by whether they mirror `src/`. */
export async function groupTests(files: readonly string[]): Promise<TestGroups> {
  const rooms = new Set(await readdir(join(ROOT, 'src')));
  const mirrorsSource = (file: string) => {
    const [room = '', ...rest] = relative(join(ROOT, 'test'), file).split(sep);
    return rest.length === 0 || rooms.has(room);
  };
  return {
    unit: files.filter(mirrorsSource),
    whole: files.filter((file) => !mirrorsSource(file)),
  };
}
