import type { BackoffOptions } from '../runtime/backoff.ts';
import type { Time } from '../runtime/time.ts';
import type { Recovery } from './recovery.ts';
import { retryPause } from './retry-pause.ts';

export interface RetryOptions {
  readonly time: Time;
  readonly recovery: Recovery;
  readonly random: BackoffOptions['random'];
  /** Called with the first error, and with each later one that is another kind of trouble. */
  readonly onTrouble: (error: unknown) => void;
  /** Called when it has succeeded. */
  readonly onSuccess: () => void;
  /** Errors that no further try will mend are thrown. */
  readonly isFinal: (error: unknown) => boolean;
}

/**
 * Tries until it succeeds, with backoff up to a minute, and as soon as the API server is back.
 * Rejects when aborted.
 */
export async function retry<Value>(
  attempt: () => Promise<Value>,
  { time, recovery, random, onTrouble, onSuccess, isFinal }: RetryOptions,
  signal: AbortSignal,
): Promise<Value> {
  const backoff = { baseMs: 500, capMs: 60_000, random };
  const retry = retryPause({ backoff, recovery, time });
  for (;;) {
    try {
      const value = await attempt();
      onSuccess();
      return value;
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      onTrouble(error);
      await retry.failed(error, signal);
      signal.throwIfAborted();
    }
  }
}
