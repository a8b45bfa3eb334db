/** A long-lived part. It blocks until aborted and rejects only if it cannot continue. */
export type Run = (signal: AbortSignal) => Promise<void>;

/**
 * Runs parts concurrently. If one resolves or rejects, the others are aborted.
 *
 * Resolves when all have ended, or rejects with the error of the first part in `parts` that failed.
 */
export async function runAll(parts: readonly Run[], signal: AbortSignal): Promise<void> {
  const end = new AbortController();
  const either = AbortSignal.any([signal, end.signal]);
  const running = parts.map((part) => part(either).finally(() => end.abort()));
  const outcomes = await Promise.allSettled(running);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Resolves when aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
