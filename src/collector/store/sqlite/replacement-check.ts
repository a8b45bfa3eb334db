import { statSync } from 'node:fs';
import { StoreError } from '../store.ts';

/**
 * Returns a check that throws a `StoreError` if the database file was deleted or replaced.
 *
 * SQLite goes on writing to the old file, which is lost at the next start.
 */
export function replacementCheck(file: string): () => void {
  // A URI or a database in memory has no path to check.
  if (file.startsWith(':') || file.startsWith('file:')) return () => {};
  const opened = fileIdentity(file);
  return () => {
    if (fileIdentity(file) === opened) return;
    throw new StoreError(`${file} was deleted or replaced: restart kusk-collector.`);
  };
}

function fileIdentity(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}
