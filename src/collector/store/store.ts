import type { CompleteProperties, TelemetryEvent } from '../../event.ts';
import { dayOf } from '../day.ts';
import type { Batch } from '../ingest/batch.ts';
import { inTransaction, openDatabase } from './database.ts';
import { type Queries, storeQueries } from './queries.ts';
import { replacementCheck } from './replacement-check.ts';
import { tallyUpdater } from './tally.ts';

export interface RecordOptions {
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** How many events of a batch were stored, and how many were stored before. */
export interface Recorded {
  readonly accepted: number;
  readonly duplicates: number;
}

/** The received events on disk. Every method throws if the disk or the file fails. */
export interface Store extends Queries {
  /**
   * Stores each event whose `messageId` is new, and counts the duplicates and refusals.
   *
   * Stores the whole batch or nothing. The batch is on disk when this returns.
   */
  readonly record: (batch: Batch, options: RecordOptions) => Recorded;
  /** Runs a small query. Throws if the file cannot be read, was deleted or was replaced. */
  readonly check: () => void;
  /** Moves the write-ahead log into the file and closes the file. */
  readonly close: () => void;
}

const INSERT = `
  INSERT INTO event (message_id, user_id, source, name, timestamp, day, received_at)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_id) DO NOTHING`;
const COUNT = `
  INSERT INTO outcome (name, count) VALUES (?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;

/** Opens the store. Throws a `StoreError` if the file cannot be used. */
export function openStore(file: string): Store {
  const database = openDatabase(file);
  const insert = database.prepare(INSERT);
  const countOutcome = database.prepare(COUNT);
  const tally = tallyUpdater(database);
  const queries = storeQueries(database);
  const assertNotReplaced = replacementCheck(file);

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
    ...queries,
    record(batch, options) {
      assertNotReplaced();
      return inTransaction(database, { work: () => record(batch, options) });
    },
    check() {
      assertNotReplaced();
      queries.outcomes();
    },
    close() {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      database.close();
    },
  };
}
