import { existsSync, statSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../store.ts';
import { APPLICATION_ID } from './schema.ts';

export interface BackupOptions {
  /** A file that does not exist yet, or a folder, in which the name of the file has the time. With a slash at its end, the folder is created. */
  readonly into: string;
  /** How many files stay in a folder. */
  readonly keep: number;
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
}

/** How long another process may have the database before this gives up, in milliseconds. */
const BUSY_MS = 60_000;
const NAME = /^kusk-collector-\d{8}T\d{6}Z\.db$/;
const PARTIAL = /^kusk-collector-\d{8}T\d{6}Z\.db\.partial$/;
/** A copy that was not written to for so long was cut off, in milliseconds. */
const STALE_MS = 10 * 60_000;

/**
 * Writes one moment of a database to another file, also while a collector writes to the database.
 *
 * Resolves with the path of the file, which is complete and on the disk. In a folder, it deletes copies that were cut
 * off before, and the oldest files that it has written there. So there are at most `keep + 1`. Rejects with a `StoreError` that says what to write instead.
 */
export async function backUp(database: string, options: BackupOptions): Promise<string> {
  const { into, keep, now } = options;
  if (!existsSync(database)) {
    throw new StoreError(`${database} does not exist: name the database with --database FILE.`);
  }
  if (/[/\\]$/.test(into)) await createFolder(into);
  const isFolder = statSync(into, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const started = now();
  const target = isFolder ? join(into, nameAt(started)) : into;
  if (existsSync(target)) throw new StoreError(`${target} exists: name a file that does not.`);
  if (isFolder) await deleteStale(into, { now: started });
  if (isFolder) await deleteOldest(into, { keep, now: started });
  await copy(database, { target });
  if (isFolder) await deleteOldest(into, { keep, now: Math.max(now(), started) });
  return target;
}

/** Only the last folder of the path: the one before it can be a volume that is not mounted. */
async function createFolder(path: string): Promise<void> {
  try {
    if (!existsSync(path)) await mkdir(path);
  } catch (error) {
    throw new StoreError(`${path} cannot be created: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** A copy that is cut off never has the name of a backup. */
async function copy(database: string, { target }: { readonly target: string }): Promise<void> {
  const partial = `${target}.partial`;
  await rm(partial, { force: true });
  try {
    writeCopy(database, { partial });
    await flush(partial);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    if (error instanceof StoreError) throw error;
    throw new StoreError(`${database} cannot be copied: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * Reads in one transaction. SQLite's backup API starts again after each write of another process, and
 * would not end beside a busy collector.
 */
function writeCopy(database: string, { partial }: { readonly partial: string }): void {
  const source = new DatabaseSync(database);
  try {
    source.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    const { application_id: id } = source.prepare('PRAGMA application_id').get() ?? {};
    if (id !== APPLICATION_ID) {
      throw new StoreError(`${database} is not a database of kusk-collector.`);
    }
    source.prepare('VACUUM INTO ?').run(partial);
  } finally {
    source.close();
  }
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Left by processes that were killed. They would fill the disk. */
async function deleteStale(folder: string, { now }: { readonly now: number }): Promise<void> {
  const names = (await readdir(folder)).filter((name) => PARTIAL.test(name));
  for (const name of names) {
    const { mtimeMs = now } = statSync(join(folder, name), { throwIfNoEntry: false }) ?? {};
    if (now - mtimeMs > STALE_MS) await rm(join(folder, name), { force: true });
  }
}

interface OldestOptions {
  readonly keep: number;
  readonly now: number;
}

/** A copy of a later time than now was made while the clock was ahead. It can be of any age: it is the first to go. */
async function deleteOldest(folder: string, { keep, now }: OldestOptions): Promise<void> {
  const latest = nameAt(now);
  const names = (await readdir(folder))
    .filter((name) => NAME.test(name))
    .sort()
    .reverse();
  const { ahead = [], past = [] } = Object.groupBy(names, (name) =>
    name > latest ? 'ahead' : 'past',
  );
  for (const name of [...past, ...ahead].slice(keep)) await rm(join(folder, name), { force: true });
}

/** The order of the names is that of time. */
function nameAt(now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `kusk-collector-${time}.db`;
}
