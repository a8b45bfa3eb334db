import type { Time } from '../runtime/time.ts';
import { StoreUnavailable } from './store/store.ts';

export interface RetryUnavailableOptions {
  readonly time: Pick<Time, 'steady' | 'wait'>;
  readonly signal: AbortSignal;
  /** Called once, before the first repeat. */
  readonly onRetry: (error: StoreUnavailable) => void;
  /** How long the task is repeated, in milliseconds. Five minutes by default. */
  readonly forMs?: number;
}

const RETRY_FOR_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;

/**
 * Runs `task`, and repeats it while the store is unavailable.
 *
 * Rejects with the last error of the task, or when `signal` aborts.
 */
export async function retryUnavailable<T>(
  task: () => Promise<T>,
  { time, signal, onRetry, forMs = RETRY_FOR_MS }: RetryUnavailableOptions,
): Promise<T> {
  const giveUpAt = time.steady() + forMs;
  for (let pauseMs = 0; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || time.steady() >= giveUpAt) throw error;
      if (pauseMs === 0) onRetry(error);
    }
    pauseMs ||= FIRST_PAUSE_MS;
    await time.wait(pauseMs, signal);
  }
}
