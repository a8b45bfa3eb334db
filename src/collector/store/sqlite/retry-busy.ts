import type { Time } from '../../../runtime/time.ts';
import { StoreUnavailable } from '../store.ts';
import { isBusy } from './database.ts';

/** How long a write is retried while another process writes, in milliseconds. */
const RETRY_FOR_MS = 3_000;
const FIRST_PAUSE_MS = 2;
const MAX_PAUSE_MS = 16;
/** The most writes that wait at the same time. Each can take some megabytes. */
const MAX_WAITING = 16;

export interface RetryBusyOptions {
  readonly time: Pick<Time, 'steady' | 'after'>;
}

/**
 * Returns a function that runs `write`, and retries it while another process has locked the database.
 *
 * The thread is free between two attempts. SQLite's own busy timeout would block it, and with it all
 * other requests and the probes. Rejects with a `StoreUnavailable` if the lock lasts too long.
 */
export function busyRetrier({ time }: RetryBusyOptions): <T>(write: () => T) => Promise<T> {
  let waiting = 0;

  async function retry<T>(write: () => T): Promise<T> {
    const giveUpAt = time.steady() + RETRY_FOR_MS;
    let pauseMs = FIRST_PAUSE_MS;
    while (time.steady() < giveUpAt) {
      const { promise, resolve } = Promise.withResolvers<void>();
      time.after(pauseMs, resolve);
      await promise;
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
      const attempt = attemptOf(write);
      if (attempt) return attempt.result;
    }
    throw databaseBusy();
  }

  return async (write) => {
    const attempt = attemptOf(write);
    if (attempt) return attempt.result;
    if (waiting >= MAX_WAITING) throw databaseBusy();
    waiting += 1;
    try {
      return await retry(write);
    } finally {
      waiting -= 1;
    }
  };
}

/** Returns `undefined` if another process has locked the database. */
function attemptOf<T>(write: () => T): { readonly result: T } | undefined {
  try {
    return { result: write() };
  } catch (error) {
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** Creates the error while another process has locked the database. */
export function databaseBusy(): StoreUnavailable {
  return new StoreUnavailable('Another process has the database: send it again.');
}
