import { HttpRefusal } from './http-refusal.ts';

export interface OverloadOptions {
  /** How many requests may be under way at once: with 500 KB each, this bounds the memory. */
  readonly maxInFlight: number;
  /** How many requests a second are taken in the long run. */
  readonly maxPerSecond: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Runs a request's work, or throws 429 with `Retry-After` at once. Nothing waits in a queue. */
export type Admit = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Bounds what is under way and, by a bucket that holds one second's worth, what comes in a second.
 */
export function admission({ maxInFlight, maxPerSecond, now }: OverloadOptions): Admit {
  const capacity = Math.max(1, maxPerSecond);
  let inFlight = 0;
  let tokens = capacity;
  let filledAt = now();

  function refill(): void {
    // A clock that was set back must not empty the bucket.
    const elapsedMs = Math.max(0, now() - filledAt);
    filledAt = now();
    tokens = Math.min(capacity, tokens + (elapsedMs / 1000) * maxPerSecond);
  }

  return async function admit(work) {
    refill();
    if (inFlight >= maxInFlight) throw overloaded(1);
    if (tokens < 1) throw overloaded(Math.ceil((1 - tokens) / maxPerSecond));
    tokens -= 1;
    inFlight += 1;
    try {
      return await work();
    } finally {
      inFlight -= 1;
    }
  };
}

function overloaded(seconds: number): HttpRefusal {
  return new HttpRefusal('Too many requests at once.', {
    status: 429,
    code: 'overloaded',
    headers: { 'Retry-After': String(seconds), Connection: 'close' },
  });
}
