/** A long-lived part: it blocks until aborted and rejects only when it cannot go on. */
export type Run = (signal: AbortSignal) => Promise<void>;

/** Runs parts side by side. When one ends or fails, the others are aborted; rejects with the first error. */
export async function runAll(parts: readonly Run[], signal: AbortSignal): Promise<void> {
  const end = new AbortController();
  const both = AbortSignal.any([signal, end.signal]);
  const running = parts.map((part) => part(both).finally(() => end.abort()));
  const outcomes = await Promise.allSettled(running);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}
