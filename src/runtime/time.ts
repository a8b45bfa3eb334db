import { setTimeout as sleep } from 'node:timers/promises';

/** Time and waiting. Passed in so that tests control them. */
export interface Time {
  /** Milliseconds since the epoch. It may jump. */
  readonly now: () => number;
  /** Milliseconds on a clock that never jumps. It may stand still while a machine is paused. */
  readonly steady: () => number;
  /** Resolves after `ms` milliseconds. Rejects when `signal` aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Returns a signal that aborts after `ms` milliseconds. */
  readonly deadline: (ms: number) => AbortSignal;
  /** Calls `run` after `ms`. Returns a function that cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** The longest timer of Node, in milliseconds. A longer one would end immediately. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's time. Other files get their timers from here. */
export const systemTime: Time = {
  now: () => Date.now(),
  steady: () => performance.now(),
  wait: async (ms, signal) => {
    await sleep(timerMs(ms), undefined, { signal });
  },
  deadline: (ms) => AbortSignal.timeout(timerMs(ms)),
  after(ms, run) {
    const timer = setTimeout(run, timerMs(ms));
    return () => clearTimeout(timer);
  },
};

function timerMs(ms: number): number {
  return ms > 0 ? Math.min(Math.ceil(ms), LONGEST_MS) : 0;
}
