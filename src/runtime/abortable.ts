/**
 * Settles as `task` does, or rejects with the signal's reason as soon as it aborts, whatever `task`
 * makes of the signal. What comes too late is given to `discard`.
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
