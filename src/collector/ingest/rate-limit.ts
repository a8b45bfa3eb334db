import { HttpRefusal } from '../http-refusal.ts';

export interface RateLimitOptions {
  /** How many requests a second are taken in the long run. */
  readonly maxPerSecond: number;
  /** Returns milliseconds that never go backwards. */
  readonly steady: () => number;
}

/** Counts a request, or throws 429 with `Retry-After`. */
export type RateLimit = () => void;

/** Limits requests by a bucket that holds one second's worth. */
export function rateLimit({ maxPerSecond, steady }: RateLimitOptions): RateLimit {
  const capacity = Math.max(1, maxPerSecond);
  let tokens = capacity;
  let filledAt = steady();

  return function take() {
    const now = steady();
    tokens = Math.min(capacity, tokens + ((now - filledAt) / 1000) * maxPerSecond);
    filledAt = now;
    if (tokens < 1) throw tooMany(Math.ceil((1 - tokens) / maxPerSecond));
    tokens -= 1;
  };
}

function tooMany(seconds: number): HttpRefusal {
  return new HttpRefusal('Too many requests: send it again later.', {
    status: 429,
    code: 'too_many_requests',
    headers: { 'Retry-After': String(seconds) },
  });
}
