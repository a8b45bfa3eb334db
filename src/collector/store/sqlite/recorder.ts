import type { DatabaseSync } from 'node:sqlite';
import type { CompleteProperties, TelemetryEvent } from '../../../event.ts';
import { hashColumn, idColumn } from './columns.ts';
import { readNames } from './names.ts';

/** An event to store. */
export interface ReceivedEvent {
  readonly event: TelemetryEvent;
  /** The UTC day that it counts for, in days since the epoch. */
  readonly day: number;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** Rows of one INSERT. Each statement that is run takes as long as two rows. */
const ROWS = 25;
const HAS_REMOVED = 'SELECT 1 FROM removed LIMIT 1';
const IS_REMOVED = 'SELECT 1 FROM removed WHERE message_id = ?';

function insertQuery(rows: number): string {
  return `
    INSERT INTO event (message_id, user_id, name, timestamp, day, received_at)
    VALUES ${Array(rows).fill('(?, ?, ?, ?, ?, ?)').join(', ')} ON CONFLICT (message_id) DO NOTHING`;
}

/** The values of one row. */
type Row = readonly (string | number | Uint8Array)[];

/**
 * Returns a function that stores those events whose `messageId` is new. It returns how many these are. It must run in a
 * transaction.
 */
export function eventRecorder(
  database: DatabaseSync,
): (events: readonly ReceivedEvent[]) => number {
  const insertOne = database.prepare(insertQuery(1));
  const insertMany = database.prepare(insertQuery(ROWS));
  const hasRemoved = database.prepare(HAS_REMOVED);
  const isRemoved = database.prepare(IS_REMOVED);
  const names = readNames(database);

  /** Returns the row of an event, or none if it is removed already. */
  function rowOf({ event, day, receivedAt }: ReceivedEvent, mayBeRemoved: boolean): Row {
    const { messageId, userId, event: source, timestamp } = event;
    const properties = { event: event.properties.event } satisfies CompleteProperties;
    const { id: name } = names.named(source, properties.event);
    const id = idColumn(messageId);
    if (mayBeRemoved && isRemoved.get(id)) return [];
    return [id, hashColumn(userId), name, Date.parse(timestamp), day, receivedAt];
  }

  return function recordEvents(events) {
    // Checked once, because a check of each event takes time, and without --keep-events there is none.
    const mayBeRemoved = hasRemoved.get() !== undefined;
    let rows: Row[] = [];
    let stored = 0;
    for (const event of events) {
      const row = rowOf(event, mayBeRemoved);
      if (row.length > 0) rows.push(row);
      if (rows.length < ROWS) continue;
      stored += Number(insertMany.run(...rows.flat()).changes);
      rows = [];
    }
    for (const row of rows) stored += Number(insertOne.run(...row).changes);
    return stored;
  };
}
