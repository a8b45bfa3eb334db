import type { RemoveEventsOptions } from '../store.ts';
import type { Connection } from './connection.ts';
import { IS_BY_SUBJECT } from './read-rollup.ts';

/**
 * Returns a function that removes all events that were received before a time. Each step can be repeated, also
 * by several collectors at the same time.
 *
 * 1. The days on which their machines and clusters were active go into `activity`, a set.
 * 2. A row without user and times takes the place of each event. It has the highest version, so that it
 *    also wins over a late repeat.
 */
export function eventRemover(
  connection: Connection,
  { database }: { readonly database: string },
): (options: RemoveEventsOptions) => Promise<number> {
  const old = `FROM ${database}.event FINAL WHERE received_at < {before: Int64} AND removed = 0`;

  return async function removeEvents({ before }) {
    const [row] = await connection.query(`SELECT count() AS count ${old}`, { before });
    const count = Number(row?.count);
    if (count === 0) return 0;
    await connection.command(
      `INSERT INTO ${database}.activity (source, name, user_id, day)
      SELECT DISTINCT source, name, user_id, day ${old} AND ${IS_BY_SUBJECT}`,
      { before },
    );
    await connection.command(
      `INSERT INTO ${database}.event
        (message_id, user_id, source, name, timestamp, day, received_at, removed, version)
      SELECT message_id, '', source, name, 0, day, 0, 1, 18000000000000000000 ${old}`,
      { before },
    );
    // The rows that were replaced would stay in the files until they are merged. It runs in the background.
    await connection.command(
      `ALTER TABLE ${database}.event DELETE WHERE received_at < {before: Int64} AND removed = 0`,
      { before },
    );
    return count;
  };
}
