import { HttpRefusal } from '../http-refusal.ts';

export interface RateLimitOptions {
  /** The most requests per second on average. */
  readonly maxPerSecond: number;
  /** Returns milliseconds that never go backwards. */
  readonly steady: () => number;
}

/** Counts a request. Throws 429 with `Retry-After` if there are too many. */
export type RateLimit = () => void;

/** Creates a token bucket that holds the requests of one second. */
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
