/**
 * Wraps `task` so that it runs once at a time. All calls during a run share the next run.
 *
 * So a call never gets the result of a run that began before it.
 */
export function shareRuns<T>(task: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;

  function run(): Promise<T> {
    next = undefined;
    return task();
  }

  return function shared() {
    if (next) return next;
    const result = running.then(run, run);
    running = result;
    next = result;
    return result;
  };
}
