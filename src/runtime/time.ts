import { setTimeout as sleep } from 'node:timers/promises';

/** Time and waiting, passed in so that a test can own them. */
export interface Time {
  /** Milliseconds since the epoch. It may jump. */
  readonly now: () => number;
  /** Milliseconds on a clock that never jumps. It may stand still while a machine is paused. */
  readonly steady: () => number;
  /** Resolves after so many milliseconds; rejects when aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A signal that aborts after so many milliseconds. */
  readonly deadline: (ms: number) => AbortSignal;
  /** Calls `run` after `ms`. Returns a function that cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** A timer of more milliseconds than this would end immediately. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's own time. The only place with bare timers. */
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
