/** Time that only goes forwards, and that tests can play. */
export interface Clock {
  /** Returns milliseconds. */
  readonly steady: () => number;
  /** Calls `run` after `ms`, unless the function that it returns is called before. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** The machine's own. */
export const systemClock: Clock = {
  steady: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
