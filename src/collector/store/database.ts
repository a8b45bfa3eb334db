import { DatabaseSync } from 'node:sqlite';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** The database cannot be used. The message names the file and says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** How long the start waits for another process that has the file, in milliseconds. */
const OPEN_TIMEOUT_MS = 5_000;
/** SQLite's own codes, whose extended forms have more bits above. */
const BUSY_CODES = [5, 6];

/**
 * `synchronous = FULL`: what is acknowledged is on the disk, also after a power cut. Ids are hashes,
 * so each event touches pages all over the indexes: with more of them in memory (64 MB) and less
 * often brought back from the log (each 40 MB), a large batch takes half the time.
 */
const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -65536;
  PRAGMA wal_autocheckpoint = 10000;
  PRAGMA journal_size_limit = 67108864;
`;

/**
 * Opens the database file, `:memory:` for one that lives as long as the process, and makes the
 * tables if it is new. Several processes may open the same file.
 *
 * Throws a `StoreError` if it cannot be written, is damaged, is no database, is another program's,
 * or comes from a newer version of ours.
 */
export function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec(`PRAGMA busy_timeout = ${OPEN_TIMEOUT_MS}`);
    assertOurs(database, { file });
    database.exec(SETTINGS);
    inTransaction(database, { work: prepareTables(database, { file }) });
    // From here on nothing may wait in SQLite: it would block every other request.
    database.exec('PRAGMA busy_timeout = 0');
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof StoreError) throw error;
    throw new StoreError(`${file} cannot be used as a database: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Whether an error means that another process has the database. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  return BUSY_CODES.includes(Number(error.errcode) & 0xff);
}

/** Runs `work` in one transaction that has the right to write from its start; all of it or none. */
export function inTransaction<T>(database: DatabaseSync, { work }: { work: () => T }): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has already rolled back by itself after some errors, a full disk among them.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Looks before anything is written: another program's file stays as it is. */
function assertOurs(database: DatabaseSync, { file }: { file: string }): void {
  const version = pragma(database, 'user_version');
  const isOurs = pragma(database, 'application_id') === APPLICATION_ID;
  if (!isOurs && !isEmpty(database)) {
    throw new StoreError(`${file} is a database of another program: name another file.`);
  }
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      `${file} was written by a newer version (schema ${version}, this one knows ${SCHEMA_VERSION}): update kusk-collector.`,
    );
  }
}

/** Inside the transaction, for another process may have made them in the meantime. */
function prepareTables(database: DatabaseSync, { file }: { file: string }) {
  return () => {
    assertOurs(database, { file });
    if (!isEmpty(database)) return assertWritable(database);
    database.exec(SCHEMA);
    database.exec(
      `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`,
    );
  };
}

/** SQLite opens a file that it cannot write, and throws only at the first write: this one changes nothing. */
function assertWritable(database: DatabaseSync): void {
  database.exec(`PRAGMA user_version = ${pragma(database, 'user_version')}`);
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
