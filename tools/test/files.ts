import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { filesIn } from '../../lab/support/files-in.ts';

/** The test files that are meant by paths of files and folders, in order. */
export async function testFiles(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(filesOf));
  return [...new Set(found.flat())].sort((a, b) => a.localeCompare(b));
}

async function filesOf(path: string): Promise<readonly string[]> {
  const absolute = resolve(path);
  if (!(await stat(absolute)).isDirectory()) return [absolute];
  return filesIn(absolute, '**/*.test.ts');
}
