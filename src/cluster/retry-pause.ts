import { type BackoffOptions, backoff } from '../runtime/backoff.ts';
import type { Time } from '../runtime/time.ts';
import { isBrokenConnection, KubeStatusError } from './errors.ts';
import type { Recovery } from './recovery.ts';

export interface RetryPauseOptions {
  readonly backoff: BackoffOptions;
  readonly recovery: Recovery;
  readonly time: Time;
}

/** The pauses of one loop that tries again for ever. */
export interface RetryPause {
  /** Waits after one more failure. Never rejects: an abort ends the wait. */
  readonly failed: (error: unknown, signal: AbortSignal) => Promise<void>;
  /** The next failure is the first again. */
  readonly succeeded: () => void;
}

/** From so many on, responses to others say that the API server is there and refuses only this loop. */
const REFUSAL_LIMIT = 2;

/**
 * Waits with exponential backoff, cut short when the API server is back, but never shorter than a
 * response has asked for. A loop that fails again and again while others get responses waits its
 * backoff out. What failed before an outage, or while the API server settles after it, does not count.
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
      const left = Math.max(0, ms - retryAfterMs(error));
      if (refused >= REFUSAL_LIMIT) await wait(left);
      else if (await recovery.pause(left, signal)) retry.succeeded();

      async function wait(pauseMs: number): Promise<void> {
        if (pauseMs > 0) await time.wait(pauseMs, signal).catch(() => undefined);
      }
    },
    succeeded,
  };
}

/** How long the API server asks to wait, in milliseconds. */
export function retryAfterMs(error: unknown): number {
  return error instanceof KubeStatusError ? (error.retryAfterMs ?? 0) : 0;
}
