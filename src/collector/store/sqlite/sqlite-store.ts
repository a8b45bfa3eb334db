import type { DatabaseSync } from 'node:sqlite';
import type { Time } from '../../../runtime/time.ts';
import { dayOf } from '../../day.ts';
import type { Batch } from '../../ingest/batch.ts';
import type { ArrivedEvent, Recorded, RecordOptions, Store } from '../store.ts';
import { inSnapshot, inTransaction, isBusy, openDatabase } from './database.ts';
import { fullDiskReporter } from './full-disk.ts';
import type { MigrationOptions } from './migrations.ts';
import { pendingEvents } from './pending-events.ts';
import { storeQueries } from './queries.ts';
import { eventRecorder } from './recorder.ts';
import { eventRemover } from './remove-events.ts';
import { replacementCheck } from './replacement-check.ts';
import { busyRetrier, databaseBusy } from './retry-busy.ts';

export interface SqliteOptions {
  /** Called while tables of an older version are migrated. */
  readonly onMigration?: MigrationOptions['onProgress'];
  readonly time: Pick<Time, 'steady' | 'after'>;
  /** Called when the disk is full, and with `undefined` when there is room again. */
  readonly onFull?: (error: unknown) => void;
  /** How many events are added to the counts of their days together. */
  readonly countedTogether?: number;
}

/**
 * An event that is counted alone reads and writes a page of its own. Counting takes some 100 ms, which is also the
 * most that uncounted events add to the first read of the numbers. Later reads add only newer events.
 */
const COUNTED_TOGETHER = 20_000;

const COUNT = `
  INSERT INTO outcome (name, count) VALUES (?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;

/** Takes some ten milliseconds, in which no batch is stored. */
const REMOVED_AT_ONCE = 500;

/** Opens the store in one SQLite file. Throws a `StoreError` if the file cannot be used. */
export function openSqliteStore(file: string, options: SqliteOptions): Store {
  const { time, onMigration = () => {}, onFull = () => {} } = options;
  const { countedTogether = COUNTED_TOGETHER } = options;
  const database = openDatabase(file, { onProgress: onMigration });
  const countOutcome = database.prepare(COUNT);
  const recordEvents = eventRecorder(database);
  const removeOldest = eventRemover(database);
  const pending = pendingEvents(database, { many: countedTogether });
  const queries = storeQueries(database);
  const assertNotReplaced = replacementCheck(file);
  const retryWhileBusy = busyRetrier({ time });
  const whileRoom = fullDiskReporter({ onFull, time });
  const write = <T>(work: () => T) =>
    retryWhileBusy(() =>
      whileRoom(() => {
        assertNotReplaced();
        return inTransaction(database, { work });
      }),
    );

  function record({ events, refused }: Batch, { receivedAt }: RecordOptions): Recorded {
    const accepted = recordEvents(
      events.map((event) => ({ event, day: dayOf(event.timestamp, { receivedAt }), receivedAt })),
    );
    pending.countIfMany();
    const duplicates = events.length - accepted;
    countOutcome.run('accepted', accepted);
    countOutcome.run('duplicates', duplicates);
    for (const [reason, count] of refused) countOutcome.run(reason, count);
    return { accepted, duplicates };
  }

  function importArrived(events: readonly ArrivedEvent[]): Recorded {
    const accepted = recordEvents(
      events.map((one) => ({ ...one, day: dayOf(one.event.timestamp, one) })),
    );
    pending.countIfMany();
    countOutcome.run('accepted', accepted);
    return { accepted, duplicates: events.length - accepted };
  }

  async function check(): Promise<void> {
    unlessBusy(() => {
      assertNotReplaced();
      queries.outcomes();
    });
  }

  return {
    record: (batch, received) => write(() => record(batch, received)),
    read: async (work) => {
      const readSnapshot = () => work(queries.snapshot(pending.changes()));
      return unlessBusy(() => inSnapshot(database, { work: readSnapshot }));
    },
    events: async (page) => unlessBusy(() => queries.events(page)),
    importEvents: (events) => write(() => importArrived(events)),
    async removeEvents({ before }) {
      // In a transaction of its own, so that each needs little time, and little space on the disk.
      await write(pending.count);
      return await write(() => removeOldest({ before, limit: REMOVED_AT_ONCE }));
    },
    check,
    checkProcess: check,
    async close() {
      moveLogIntoFile(database);
      database.close();
    },
  };
}

/** On a full disk the log stays beside the file, and nothing is lost. */
function moveLogIntoFile(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {}
}

/** Readers never wait for a writer, but they do for another process that vacuums the file. */
function unlessBusy<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw isBusy(error) ? databaseBusy() : error;
  }
}
