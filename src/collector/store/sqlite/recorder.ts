import type { DatabaseSync } from 'node:sqlite';
import type { CompleteProperties, TelemetryEvent } from '../../../event.ts';
import { hashColumn, isHash } from './columns.ts';
import { readNames } from './names.ts';

/** An event to store. */
export interface ReceivedEvent {
  readonly event: TelemetryEvent;
  /** The UTC day that it counts for, in days since the epoch. */
  readonly day: number;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

const INSERT = `
  INSERT INTO event (message_id, user_id, name, timestamp, day, received_at)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (message_id) DO NOTHING`;
const HAS_REMOVED = 'SELECT 1 FROM removed LIMIT 1';
const IS_REMOVED = 'SELECT 1 FROM removed WHERE message_id = ?';

/**
 * Returns a function that stores those events whose `messageId` is new. It returns how many these are. It must run in a
 * transaction.
 */
export function eventRecorder(
  database: DatabaseSync,
): (events: readonly ReceivedEvent[]) => number {
  const insert = database.prepare(INSERT);
  const hasRemoved = database.prepare(HAS_REMOVED);
  const isRemoved = database.prepare(IS_REMOVED);
  const names = readNames(database);
  // The same bytes for each event, because SQLite copies them, and new ones take longer.
  const messageColumn = hashColumn();
  const userColumn = hashColumn();

  function record({ event, day, receivedAt }: ReceivedEvent, mayBeRemoved: boolean): number {
    const { messageId, userId, event: source, timestamp } = event;
    const properties = { event: event.properties.event } satisfies CompleteProperties;
    const { id: name } = names.named(source, properties.event);
    const id = isHash(messageId) ? messageColumn(messageId) : messageId;
    if (mayBeRemoved && isRemoved.get(id)) return 0;
    const ms = Date.parse(timestamp);
    return Number(insert.run(id, userColumn(userId), name, ms, day, receivedAt).changes);
  }

  return function recordEvents(events) {
    // Checked once, because a check of each event takes time, and without --keep-events there is none.
    const mayBeRemoved = hasRemoved.get() !== undefined;
    let stored = 0;
    for (const event of events) stored += record(event, mayBeRemoved);
    return stored;
  };
}
