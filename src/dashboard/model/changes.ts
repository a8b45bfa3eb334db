import type { Time } from '../../runtime/time.ts';

/** Counts changes, and wakes those who wait for one. */
export interface Changes {
  readonly revision: () => number;
  readonly happened: () => void;
  /** Resolves when there is a later revision than this, or when `signal` aborts. It never rejects. */
  readonly after: (revision: number, signal: AbortSignal) => Promise<void>;
}

export interface ChangesOptions {
  readonly time: Pick<Time, 'steady' | 'after'>;
}

/** The shortest time between two changes for those who wait, in milliseconds. */
const COALESCE_MS = 250;

export function changes({ time }: ChangesOptions): Changes {
  const waiting = new Map<() => void, number>();
  let revision = 1;
  let nextAt = Number.NEGATIVE_INFINITY;
  let isScheduled = false;

  function wake(): void {
    isScheduled = false;
    nextAt = time.steady() + COALESCE_MS;
    for (const [resolve, seen] of waiting) if (revision > seen) resolve();
  }

  function schedule(): void {
    if (isScheduled || waiting.size === 0) return;
    const waitMs = nextAt - time.steady();
    isScheduled = waitMs > 0;
    if (isScheduled) time.after(waitMs, wake);
    else wake();
  }

  return {
    revision: () => revision,
    happened() {
      revision += 1;
      schedule();
    },
    async after(seen, signal) {
      if (signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(resolve, seen);
      const abort = () => resolve();
      signal.addEventListener('abort', abort, { once: true });
      if (revision > seen) schedule();
      await promise;
      signal.removeEventListener('abort', abort);
      waiting.delete(resolve);
    },
  };
}
