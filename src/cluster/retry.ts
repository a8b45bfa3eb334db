import type { BackoffOptions } from '../runtime/backoff.ts';
import type { Time } from '../runtime/time.ts';
import type { Recovery } from './recovery.ts';
import { retryPause } from './retry-pause.ts';

export interface RetryOptions {
  readonly time: Time;
  readonly recovery: Recovery;
  readonly random: BackoffOptions['random'];
  /** Called with each error that is retried. */
  readonly onTrouble: (error: unknown) => void;
  /** Called on success. */
  readonly onSuccess: () => void;
  /** Returns whether an error is permanent. Permanent errors are thrown. */
  readonly isFinal: (error: unknown) => boolean;
}

/**
 * Retries `attempt` until it succeeds, with backoff up to a minute that ends early when the API
 * server is back. Rejects when aborted, and with the first permanent error.
 */
export async function retry<Value>(
  attempt: () => Promise<Value>,
  { time, recovery, random, onTrouble, onSuccess, isFinal }: RetryOptions,
  signal: AbortSignal,
): Promise<Value> {
  const backoff = { baseMs: 500, capMs: 60_000, random };
  const pause = retryPause({ backoff, recovery, time });
  for (;;) {
    try {
      const value = await attempt();
      onSuccess();
      return value;
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      onTrouble(error);
      await pause.failed(error, signal);
      signal.throwIfAborted();
    }
  }
}
