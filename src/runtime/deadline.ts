export interface DeadlineOptions {
  /** The time limit, in milliseconds. */
  readonly ms: number;
  /** Returns the error to reject with after the time limit. */
  readonly late: () => Error;
  /** Aborts the task before the time limit, with the signal's reason. */
  readonly signal: AbortSignal;
}

/**
 * Runs `task` with a signal that aborts after the time limit, or when `signal` aborts.
 *
 * If the task rejects after that, rejects with the reason of the abort. Leaves no timer and no listener.
 */
export async function withDeadline<T>(
  task: (signal: AbortSignal) => Promise<T>,
  { ms, late, signal }: DeadlineOptions,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  const timer = setTimeout(() => controller.abort(late()), ms);
  signal.addEventListener('abort', follow);
  try {
    return await task(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  }
}
