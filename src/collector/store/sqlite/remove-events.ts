import type { DatabaseSync } from 'node:sqlite';

export interface RemoveOptions {
  /** Milliseconds since the epoch. */
  readonly before: number;
  /** The most events to remove. */
  readonly limit: number;
}

const OLDEST = `
  SELECT max(seq) AS last, count(*) AS count FROM (
    SELECT seq, received_at FROM event ORDER BY seq LIMIT :limit
  ) WHERE received_at < :before`;
const KEEP_IDS = `
  INSERT OR IGNORE INTO removed (message_id)
  SELECT message_id FROM event WHERE seq <= :last AND received_at < :before`;
const REMOVE = 'DELETE FROM event WHERE seq <= :last AND received_at < :before';

/**
 * Returns a function that removes the oldest events and keeps the ids of their messages. It returns how
 * many these are. It must run in a transaction.
 */
export function eventRemover(database: DatabaseSync): (options: RemoveOptions) => number {
  const oldest = database.prepare(OLDEST);
  const keepIds = database.prepare(KEEP_IDS);
  const remove = database.prepare(REMOVE);

  return function removeEvents({ before, limit }) {
    const { last = null, count } = oldest.get({ before, limit }) ?? {};
    if (last === null) return 0;
    keepIds.run({ last, before });
    remove.run({ last, before });
    return Number(count);
  };
}
