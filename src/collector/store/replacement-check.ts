import { statSync } from 'node:fs';
import { StoreError } from './database.ts';

/**
 * Returns a check that throws a `StoreError` once another file, or none, is where the database was
 * opened: SQLite would go on writing to the old one, which is lost at the next start.
 */
export function replacementCheck(file: string): () => void {
  // A URI and a database in memory have no path of their own.
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
