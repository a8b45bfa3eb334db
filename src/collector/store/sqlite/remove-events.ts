import type { DatabaseSync } from 'node:sqlite';

export interface RemoveOptions {
  /** Milliseconds since the epoch. */
  readonly before: number;
  /** The most events to remove. */
  readonly limit: number;
}

/**
 * By the time of receipt, because an import gives old events new places. Not events that are not counted yet: they would be
 * missing from the numbers.
 */
const OLDEST = `
  SELECT seq FROM event WHERE received_at < :before AND seq <= (SELECT seq FROM counted)
  ORDER BY received_at, seq LIMIT :limit`;
const KEEP_IDS = `
  INSERT OR IGNORE INTO removed (message_id)
  SELECT message_id FROM event WHERE seq IN (${OLDEST})`;
const REMOVE = `DELETE FROM event WHERE seq IN (${OLDEST})`;

/**
 * Returns a function that removes the oldest counted events and keeps the ids of their messages. It returns how
 * many these are. It must run in a transaction.
 */
export function eventRemover(database: DatabaseSync): (options: RemoveOptions) => number {
  const keepIds = database.prepare(KEEP_IDS);
  const remove = database.prepare(REMOVE);

  return function removeEvents({ before, limit }) {
    keepIds.run({ before, limit });
    return Number(remove.run({ before, limit }).changes);
  };
}
