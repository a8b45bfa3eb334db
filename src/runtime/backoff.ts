export interface BackoffOptions {
  /** The upper bound of the first wait, in milliseconds. It doubles with each further failure. */
  readonly baseMs: number;
  /** The upper bound of every wait, in milliseconds. */
  readonly capMs: number;
  /** Returns a number in [0, 1). Passed in so that tests control it. */
  readonly random: () => number;
}

export interface Backoff {
  /** Records a failure. Returns how long to wait, in milliseconds. */
  readonly failed: () => number;
  /** Resets the delay to `baseMs`. */
  readonly succeeded: () => void;
}

/**
 * Exponential backoff with full jitter, so that clients that failed together don't retry together.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff({ baseMs, capMs, random }: BackoffOptions): Backoff {
  let failures = 0;
  return {
    failed: () => random() * Math.min(capMs, baseMs * 2 ** failures++),
    succeeded() {
      failures = 0;
    },
  };
}

/** Returns the random numbers of a backoff whose jitter at most halves a wait. */
export function halfJitter(random: BackoffOptions['random']): BackoffOptions['random'] {
  return () => (1 + random()) / 2;
}
