import type { RemoveEventsOptions } from '../store.ts';
import type { Connection } from './connection.ts';
import { IS_BY_SUBJECT } from './count-queries.ts';
import { VERSION_NOW, VERSION_REMOVED } from './schema.ts';

export interface EventRemoverOptions {
  readonly database: string;
  /**
   * How long ago an event must have been inserted, in milliseconds. It is longer than an insert takes, so that
   * all statements see the same events.
   */
  readonly settleMs: number;
}

/**
 * Returns a function that removes all events that were received before a time. Each step can be repeated, also
 * by several collectors at the same time, and events can be imported meanwhile.
 *
 * 1. The days on which their machines and clusters were active go into `activity`, a set.
 * 2. A row without user and times takes the place of each event. It has the highest version, so that it
 *    also wins over a late repeat.
 */
export function eventRemover(
  connection: Connection,
  { database, settleMs }: EventRemoverOptions,
): (options: RemoveEventsOptions) => Promise<number> {
  // A row that was inserted earlier has a higher version. Rows that take the place of others have `removed`.
  const isOld = 'received_at < {before: Int64} AND removed = 0 AND version >= {earliest: UInt64}';
  const old = `FROM ${database}.event FINAL WHERE ${isOld}`;

  return async function removeEvents({ before }) {
    // One moment of ClickHouse's own clock, because a row's `received_at` can be long before its insert.
    const [now] = await connection.query(
      `SELECT toString(${VERSION_NOW} + {settle: UInt64}) AS earliest`,
      { settle: settleMs * 1000 },
    );
    const parameters = { before, earliest: now?.earliest };
    const [row] = await connection.query(`SELECT count() AS count ${old}`, parameters);
    const count = Number(row?.count);
    if (count === 0) return 0;
    await connection.command(
      `INSERT INTO ${database}.activity (source, name, user_id, day)
      SELECT DISTINCT source, name, user_id, day ${old} AND ${IS_BY_SUBJECT}`,
      parameters,
    );
    await connection.command(
      `INSERT INTO ${database}.event
        (message_id, user_id, source, name, timestamp, day, received_at, removed, version)
      SELECT message_id, '', source, name, 0, day, 0, 1, ${VERSION_REMOVED} ${old}`,
      parameters,
    );
    // The rows that were replaced would stay in the files until they are merged. It runs in the background.
    await connection.command(`ALTER TABLE ${database}.event DELETE WHERE ${isOld}`, parameters);
    return count;
  };
}
