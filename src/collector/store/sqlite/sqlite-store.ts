import type { CompleteProperties, TelemetryEvent } from '../../../event.ts';
import type { Time } from '../../../runtime/time.ts';
import { dayOf } from '../../day.ts';
import type { Batch } from '../../ingest/batch.ts';
import type { Recorded, RecordOptions, Store } from '../store.ts';
import { inSnapshot, inTransaction, isBusy, openDatabase } from './database.ts';
import { storeQueries } from './queries.ts';
import { rememberSubjects } from './remember-subjects.ts';
import { replacementCheck } from './replacement-check.ts';
import { busyRetrier, databaseBusy } from './retry-busy.ts';
import { tallyUpdater } from './tally.ts';

export interface SqliteOptions {
  readonly time: Pick<Time, 'steady' | 'after'>;
}

const INSERT = `
  INSERT INTO event (message_id, user_id, source, name, timestamp, day, received_at)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_id) DO NOTHING`;
const COUNT = `
  INSERT INTO outcome (name, count) VALUES (?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;

/** Opens the store in one SQLite file. Throws a `StoreError` if the file cannot be used. */
export function openSqliteStore(file: string, { time }: SqliteOptions): Store {
  const database = openDatabase(file);
  const insert = database.prepare(INSERT);
  const countOutcome = database.prepare(COUNT);
  const tally = tallyUpdater(database);
  const queries = rememberSubjects(storeQueries(database));
  const assertNotReplaced = replacementCheck(file);
  const retryWhileBusy = busyRetrier({ time });

  function isNew(event: TelemetryEvent, { receivedAt }: RecordOptions): boolean {
    const day = dayOf(event.timestamp, { receivedAt });
    const { messageId, userId, event: source, timestamp } = event;
    const properties = { event: event.properties.event } satisfies CompleteProperties;
    const values = [messageId, userId, source, properties.event, timestamp, day, receivedAt];
    if (insert.run(...values).changes === 0) return false;
    tally({ event, day });
    return true;
  }

  function record({ events, refused }: Batch, options: RecordOptions): Recorded {
    const accepted = events.filter((event) => isNew(event, options)).length;
    const duplicates = events.length - accepted;
    countOutcome.run('accepted', accepted);
    countOutcome.run('duplicates', duplicates);
    for (const [reason, count] of refused) countOutcome.run(reason, count);
    return { accepted, duplicates };
  }

  return {
    record: (batch, options) =>
      retryWhileBusy(() => {
        assertNotReplaced();
        return inTransaction(database, { work: () => record(batch, options) });
      }),
    read: async (work) => unlessBusy(() => inSnapshot(database, { work: () => work(queries) })),
    events: async (page) => unlessBusy(() => queries.events(page)),
    check: async () =>
      unlessBusy(() => {
        assertNotReplaced();
        queries.outcomes();
      }),
    async close() {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      database.close();
    },
  };
}

/** Readers never wait for a writer, but they do for another process that vacuums the file. */
function unlessBusy<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw isBusy(error) ? databaseBusy() : error;
  }
}
