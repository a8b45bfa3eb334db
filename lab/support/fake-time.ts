import { setImmediate as turn } from 'node:timers/promises';
import type { Time } from '../../src/runtime/time.ts';

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** A time that stands still unless the test moves it. */
export interface FakeTime {
  readonly time: Time;
  /** Lets this many milliseconds pass, and all that happens in them. */
  readonly pass: (ms: number) => Promise<void>;
  /** Sets the clock by so many milliseconds: no waiter notices. */
  readonly jump: (ms: number) => void;
  /** Time passes while the process stands still, in milliseconds. Then everything that is due runs. */
  readonly pause: (ms: number) => Promise<void>;
  /** How many are waiting. */
  readonly waiting: () => number;
  /** Milliseconds until the first of them is due. */
  readonly next: () => number;
}

const START = Date.parse('2026-11-23T12:00:00Z');

export function fakeTime({ start = START }: { readonly start?: number } = {}): FakeTime {
  const timers = new Set<Timer>();
  let steady = 0;
  let offset = start;

  function schedule(ms: number, fire: () => void): Timer {
    const timer = { at: steady + Math.max(0, ms), fire };
    timers.add(timer);
    return timer;
  }

  function wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abort = () => {
        timers.delete(timer);
        reject(signal.reason);
      };
      const timer = schedule(ms, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  function deadline(ms: number): AbortSignal {
    const controller = new AbortController();
    schedule(ms, () => controller.abort(new DOMException('over', 'TimeoutError')));
    return controller.signal;
  }

  function after(ms: number, run: () => void): () => void {
    const timer = schedule(ms, run);
    return () => void timers.delete(timer);
  }

  function first(): Timer | undefined {
    let found: Timer | undefined;
    for (const timer of timers) if (!found || timer.at < found.at) found = timer;
    return found;
  }

  function fire(timer: Timer): void {
    timers.delete(timer);
    timer.fire();
  }

  return {
    time: { now: () => offset + steady, steady: () => steady, wait, deadline, after },
    async pass(ms) {
      const end = steady + ms;
      await turn();
      for (let timer = first(); timer && timer.at <= end; timer = first()) {
        steady = Math.max(steady, timer.at);
        fire(timer);
        await turn();
      }
      steady = end;
    },
    jump(ms) {
      offset += ms;
    },
    async pause(ms) {
      steady += ms;
      for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
        if (timer.at <= steady) fire(timer);
      }
      await turn();
    },
    waiting: () => timers.size,
    next: () => (first()?.at ?? Number.POSITIVE_INFINITY) - steady,
  };
}
