import { type BackoffOptions, backoff } from '../runtime/backoff.ts';
import type { Time } from '../runtime/time.ts';
import { isBrokenConnection, KubeStatusError } from './errors.ts';
import type { Recovery } from './recovery.ts';

export interface RetryPauseOptions {
  readonly backoff: BackoffOptions;
  readonly recovery: Recovery;
  readonly time: Time;
}

/** The pauses of one loop that retries for ever. */
export interface RetryPause {
  /** Waits after one more failure. Never rejects: an abort ends the wait. */
  readonly failed: (error: unknown, signal: AbortSignal) => Promise<void>;
  /** Resets the backoff. */
  readonly succeeded: () => void;
}

/** After this many failures while other loops get responses, only this loop is refused. */
const REFUSAL_LIMIT = 2;

/**
 * Waits with exponential backoff. The wait ends early when the API server is back, but not before
 * the pause that a response has requested. A loop that fails repeatedly while other loops get
 * responses waits for its whole backoff. Failures before an outage, or while the API server settles
 * after it, do not count.
 */
export function retryPause(options: RetryPauseOptions): RetryPause {
  const { recovery, time } = options;
  const retry = backoff(options.backoff);
  let responses: number | undefined;
  let refused = 0;
  let outages = recovery.outages();

  function succeeded(): void {
    retry.succeeded();
    responses = undefined;
    refused = 0;
  }

  function count(error: unknown): void {
    if (outages !== recovery.outages()) succeeded();
    outages = recovery.outages();
    const now = recovery.responses();
    if (responses !== undefined && now > responses && !recovery.isSettling()) refused += 1;
    responses = now;
    if (refused === 0 && isBrokenConnection(error)) recovery.connectionLost();
  }

  return {
    async failed(error, signal) {
      if (!signal.aborted) count(error);
      const ms = retry.failed();
      await wait(retryAfterMs(error));
      const remainingMs = Math.max(0, ms - retryAfterMs(error));
      if (refused >= REFUSAL_LIMIT) await wait(remainingMs);
      else if (await recovery.pause(remainingMs, signal)) retry.succeeded();

      async function wait(pauseMs: number): Promise<void> {
        if (pauseMs > 0) await time.wait(pauseMs, signal).catch(() => undefined);
      }
    },
    succeeded,
  };
}

/** Returns the pause that the API server has requested, in milliseconds; 0 if none. */
export function retryAfterMs(error: unknown): number {
  return error instanceof KubeStatusError ? (error.retryAfterMs ?? 0) : 0;
}
