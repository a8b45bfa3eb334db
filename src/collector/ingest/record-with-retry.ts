import type { Time } from '../../runtime/time.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { isBusy } from '../store/database.ts';
import type { Recorded, Store } from '../store/store.ts';

/** How long a batch waits for another process to finish, in milliseconds. */
const RETRY_FOR_MS = 3_000;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 16;
/** How many batches wait at the same time: each may hold some megabytes. */
const MAX_WAITING = 16;

/** As `Store.record`, but waits while another process writes. Throws 503 if that takes too long. */
export type RecordWithRetry = (...args: Parameters<Store['record']>) => Promise<Recorded>;

/**
 * Wraps `record` so that it tries again while another process has the database.
 *
 * The thread is free in between. SQLite's own busy timeout would block it, and with it every other
 * request and the probes.
 */
export function recordWithRetry(
  { record }: Pick<Store, 'record'>,
  { time }: { readonly time: Pick<Time, 'steady' | 'after'> },
): RecordWithRetry {
  let waiting = 0;

  function attempt(...args: Parameters<Store['record']>): Recorded | undefined {
    try {
      return record(...args);
    } catch (error) {
      if (isBusy(error)) return undefined;
      throw error;
    }
  }

  async function retry(...args: Parameters<Store['record']>): Promise<Recorded> {
    const until = time.steady() + RETRY_FOR_MS;
    let pauseMs = FIRST_PAUSE_MS;
    while (time.steady() < until) {
      const { promise, resolve } = Promise.withResolvers<void>();
      time.after(pauseMs, resolve);
      await promise;
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      const recorded = attempt(...args);
      if (recorded) return recorded;
    }
    throw databaseBusy();
  }

  return async (...args) => {
    const recorded = attempt(...args);
    if (recorded) return recorded;
    if (waiting >= MAX_WAITING) throw databaseBusy();
    waiting += 1;
    try {
      return await retry(...args);
    } finally {
      waiting -= 1;
    }
  };
}

/** The response while another process has the database. */
export function databaseBusy(): HttpRefusal {
  return new HttpRefusal('Another process has the database: send it again.', {
    status: 503,
    code: 'busy',
    headers: { 'Retry-After': '1' },
  });
}
