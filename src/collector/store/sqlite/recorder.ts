import type { DatabaseSync } from 'node:sqlite';
import type { CompleteProperties, TelemetryEvent } from '../../../event.ts';
import { hashColumn, idColumn } from './columns.ts';
import { readNames } from './names.ts';
import { startRollup } from './rollup.ts';
import { rollupTables } from './rollup-tables.ts';

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
 * Returns a function that stores those events whose `messageId` is new, and counts them. It returns how
 * many these are. It must run in a transaction.
 */
export function eventRecorder(
  database: DatabaseSync,
): (events: readonly ReceivedEvent[]) => number {
  const insert = database.prepare(INSERT);
  const hasRemoved = database.prepare(HAS_REMOVED);
  const isRemoved = database.prepare(IS_REMOVED);
  const names = readNames(database);
  const tables = rollupTables(database);

  return function recordEvents(events) {
    const rollup = startRollup(tables);
    // Checked once, because a check of each event takes time, and without --keep-events there is none.
    const mayBeRemoved = hasRemoved.get() !== undefined;
    let accepted = 0;
    for (const { event, day, receivedAt } of events) {
      const { messageId, userId, event: source, timestamp } = event;
      const properties = { event: event.properties.event } satisfies CompleteProperties;
      const name = names.named(source, properties.event);
      const id = idColumn(messageId);
      const user = hashColumn(userId);
      if (mayBeRemoved && isRemoved.get(id)) continue;
      const { changes } = insert.run(id, user, name.id, Date.parse(timestamp), day, receivedAt);
      if (changes === 0) continue;
      accepted += 1;
      rollup.add({ name, day, userId, user });
    }
    rollup.write();
    return accepted;
  };
}
