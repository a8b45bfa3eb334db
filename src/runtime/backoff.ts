export interface BackoffOptions {
  /** The upper bound of the first wait, in milliseconds. It doubles with each further failure. */
  readonly baseMs: number;
  /** The upper bound of every wait, in milliseconds. */
  readonly capMs: number;
  /** In [0, 1). Passed in so that a test can own the dice. */
  readonly random: () => number;
}

export interface Backoff {
  /** How long to wait after one more failure, in milliseconds. */
  readonly failed: () => number;
  /** Begins anew after a success. */
  readonly succeeded: () => void;
}

/**
 * Exponential backoff with full jitter, so that many who failed together do not come back together.
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
