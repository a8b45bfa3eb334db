import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../../runtime/message-of.ts';
import { StoreError } from '../store.ts';
import { isFullError } from './full-disk.ts';
import { MIGRATIONS, type MigrationOptions } from './migrations.ts';
import { addNames } from './names.ts';
import { APPLICATION_ID, COUNTED, INDEXES, SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** How long the start waits for another process that has the file, in milliseconds. */
const OPEN_TIMEOUT_MS = 5_000;
/** SQLITE_BUSY and SQLITE_LOCKED. Their extended codes have more bits above the lowest eight. */
const BUSY_CODES = [5, 6];

/**
 * `synchronous = FULL` keeps every acknowledged event on disk through a power cut.
 *
 * Ids are hashes, so each event touches pages all over the indexes. A large batch takes half the time
 * with a cache of 64 MB and a checkpoint of the log every 40 MB.
 */
const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -65536;
  PRAGMA wal_autocheckpoint = 10000;
  PRAGMA journal_size_limit = 67108864;
`;

const MARK = `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`;

/**
 * Opens the database file, and creates the tables if it is new. Migrates those of an older version. `:memory:` opens a database that lasts
 * as long as the process. Several processes can open the same file.
 *
 * Throws a `StoreError` if the file cannot be written, is damaged, is no database, belongs to another
 * program, or was written by a newer version. A full disk is no error if the tables are there: then they can be read. But SQLite
 * needs 32 KB for the file beside the log if the last process removed it.
 */
export function openDatabase(file: string, options: MigrationOptions): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec(`PRAGMA busy_timeout = ${OPEN_TIMEOUT_MS}`);
    assertOurs(database, { file });
    database.exec(SETTINGS);
    inTransaction(database, { work: prepareTables(database, { file, ...options }) });
    assertWritable(database);
    // From here on SQLite must not wait, because that blocks every other request. A group of events is sorted in memory: there may
    // be no folder for temporary files. Indexes of a large file, which are created before, need one (SQLITE_TMPDIR).
    database.exec('PRAGMA busy_timeout = 0; PRAGMA temp_store = MEMORY');
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof StoreError) throw error;
    const reason = isFullError(error) ? 'the disk is full' : messageOf(error);
    throw new StoreError(`${file} cannot be used as a database: ${reason}`, { cause: error });
  }
}

/** Returns whether an error means that another process has locked the database. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  return BUSY_CODES.includes(Number(error.errcode) & 0xff);
}

/** Runs `work` on one moment of the database. It must only read. */
export function inSnapshot<T>(database: DatabaseSync, { work }: { work: () => T }): T {
  return transact(database, { begin: 'BEGIN', work });
}

/** Runs `work` in one transaction that holds the write lock from its start. Rolls back if `work` throws. */
export function inTransaction<T>(database: DatabaseSync, { work }: { work: () => T }): T {
  return transact(database, { begin: 'BEGIN IMMEDIATE', work });
}

interface TransactOptions<T> {
  readonly begin: string;
  readonly work: () => T;
}

function transact<T>(database: DatabaseSync, { begin, work }: TransactOptions<T>): T {
  database.exec(begin);
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // After some errors, such as a full disk, SQLite has already rolled back.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Runs before anything is written, so that another program's file stays unchanged. */
function assertOurs(database: DatabaseSync, { file }: { file: string }): void {
  const version = pragma(database, 'user_version');
  const isOurs = pragma(database, 'application_id') === APPLICATION_ID;
  if (!isOurs && !isEmpty(database)) {
    throw new StoreError(`${file} is a database of another program: use another file.`);
  }
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      `${file} was written by a newer version (schema ${version}, this one has ${SCHEMA_VERSION}): update kusk-collector.`,
    );
  }
}

/** Runs inside the transaction, because another process can create the tables in the meantime. */
function prepareTables(
  database: DatabaseSync,
  { file, onProgress }: MigrationOptions & { file: string },
) {
  return () => {
    assertOurs(database, { file });
    if (isEmpty(database)) database.exec(SCHEMA + COUNTED);
    else migrate(database, { onProgress });
    database.exec(INDEXES);
    addNames(database);
    if (pragma(database, 'user_version') !== SCHEMA_VERSION) database.exec(MARK);
  };
}

/** SQLite opens a file that it cannot write, and throws at the first write. */
function assertWritable(database: DatabaseSync): void {
  try {
    database.exec(MARK);
  } catch (error) {
    if (!isFullError(error)) throw error;
  }
}

function migrate(database: DatabaseSync, options: MigrationOptions): void {
  MIGRATIONS[pragma(database, 'user_version')]?.(database, options);
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
