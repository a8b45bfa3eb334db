import { glob } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Returns the files below a folder that match a glob pattern, as absolute paths in order.
 *
 * The folder's own path is not part of the pattern: it may hold brackets, braces and asterisks.
 */
export async function filesIn(folder: string, pattern: string): Promise<readonly string[]> {
  const found = await Array.fromAsync(glob(pattern, { cwd: folder }));
  return found.map((path) => join(folder, path)).sort((a, b) => a.localeCompare(b));
}
