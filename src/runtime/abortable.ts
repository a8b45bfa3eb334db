/**
 * Settles like `task`, or rejects with the signal's reason as soon as the signal aborts, even if `task`
 * ignores the signal. `discard` receives a value that arrives after that.
 */
export async function abortable<Value>(
  task: Promise<Value>,
  { signal, discard }: { readonly signal: AbortSignal; readonly discard: (value: Value) => void },
): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => {
    task.then(discard, () => undefined);
    reject(signal.reason);
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([aborted, task]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
