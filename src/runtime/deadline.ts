export interface DeadlineOptions {
  readonly ms: number;
  /** What to reject with when the time is over. */
  readonly late: () => Error;
  /** Ends the task before its time, with the signal's reason. */
  readonly signal: AbortSignal;
}

/**
 * Runs `task` with a signal that aborts when the time is over or `signal` does.
 *
 * Rejects with that reason then, whatever the task itself rejects with. Leaves no timer and no listener.
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
