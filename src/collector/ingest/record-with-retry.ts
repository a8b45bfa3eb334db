import type { Time } from '../../runtime/time.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { isBusy } from '../store/database.ts';
import type { Recorded, Store } from '../store/store.ts';

/** How long a batch is retried while another process writes, in milliseconds. */
const RETRY_FOR_MS = 3_000;
const FIRST_PAUSE_MS = 2;
const MAX_PAUSE_MS = 16;
/** The most batches that wait at the same time. Each can take some megabytes. */
const MAX_WAITING = 16;

/** Stores a batch as `Store.record` does. Rejects with 503 if another process writes for too long. */
export type RecordWithRetry = (...args: Parameters<Store['record']>) => Promise<Recorded>;

/**
 * Wraps `record` so that it retries while another process has locked the database.
 *
 * The thread is free between two attempts. SQLite's own busy timeout would block it, and with it all
 * other requests and the probes.
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
    const giveUpAt = time.steady() + RETRY_FOR_MS;
    let pauseMs = FIRST_PAUSE_MS;
    while (time.steady() < giveUpAt) {
      const { promise, resolve } = Promise.withResolvers<void>();
      time.after(pauseMs, resolve);
      await promise;
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
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

/** Creates the response while another process has locked the database. */
export function databaseBusy(): HttpRefusal {
  return new HttpRefusal('Another process has the database: send it again.', {
    status: 503,
    code: 'busy',
    headers: { 'Retry-After': '1' },
  });
}
