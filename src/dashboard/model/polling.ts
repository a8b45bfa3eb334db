import { notifier } from '../../runtime/notifier.ts';
import type { Run } from '../../runtime/run.ts';
import type { Time } from '../../runtime/time.ts';
import type { Link } from './link.ts';

export interface PollingOptions {
  /** Reads everything once, and records whether that has failed. Resolves with whether it succeeded. */
  readonly read: (signal: AbortSignal) => Promise<boolean>;
  readonly connection: Pick<Link, 'view' | 'asOf'>;
  readonly time: Pick<Time, 'wait' | 'steady'>;
}

/** Reads again and again until aborted. */
export interface Polling {
  readonly run: Run;
  /** The API server is back: reads as soon as the shortest pause is over if the last read has failed. */
  readonly wake: () => void;
}

/** The pause after a read, in milliseconds. */
const POLL_MS = 2_000;
/** The first and shortest pause after a read that has failed, in milliseconds. The next ones are longer. */
const RETRY_MS = 500;
/** The longest of them, in milliseconds. */
const LONGEST_MS = 10_000;
/** The same while the API server responds to nothing: a person waits for it. */
const AWAY_MS = 1_000;
/** The pause if the credentials are refused: each attempt may run a plugin that asks the person to log in. */
const DENIED_MS = 30_000;
/** How long an API server that is back may refuse some requests, in milliseconds: the pauses stay short. */
const SETTLING_MS = 10_000;
/**
 * How long they are then not shortened again, in milliseconds, if no read succeeds: a proxy that lets some
 * requests pass and cuts others makes the API server seem away and back with each read.
 */
const UNSETTLED_MS = 60_000;

export function polling({ read, connection, time }: PollingOptions): Polling {
  const back = notifier();
  let failures = 0;
  /** Whether the API server has responded to a part of the last read. */
  let responded = false;
  let settlingUntil = Number.NEGATIVE_INFINITY;
  let nextSettlingAt = Number.NEGATIVE_INFINITY;

  async function pause(signal: AbortSignal): Promise<void> {
    if (failures === 0) return await time.wait(POLL_MS, signal);
    const ms = pauseMs();
    // A response to the read itself must not end the pause after it.
    back.reset();
    await time.wait(RETRY_MS, signal);
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const rest = time.wait(ms - RETRY_MS, either);
    await Promise.race([rest, back.notified(either)]).finally(() => over.abort());
  }

  /** Returns the pause after the read that has just failed, in milliseconds. */
  function pauseMs(): number {
    const { state } = connection.view();
    if (state === 'denied') return DENIED_MS;
    const isAway = state === 'away' && !responded;
    const longest = isSettling() ? RETRY_MS : LONGEST_MS;
    return Math.min(isAway ? AWAY_MS : longest, RETRY_MS * 2 ** (failures - 1));
  }

  function isSettling(): boolean {
    return time.steady() < settlingUntil;
  }

  function settle(): void {
    const now = time.steady();
    if (now < nextSettlingAt) return;
    settlingUntil = now + SETTLING_MS;
    nextSettlingAt = settlingUntil + UNSETTLED_MS;
  }

  async function readOnce(signal: AbortSignal): Promise<void> {
    const respondedAt = connection.asOf();
    const succeeded = await read(signal);
    responded = connection.asOf() !== respondedAt;
    failures = succeeded ? 0 : failures + 1;
    if (succeeded) nextSettlingAt = Number.NEGATIVE_INFINITY;
  }

  return {
    wake() {
      settle();
      if (isSettling()) back.notify();
    },
    async run(signal) {
      while (!signal.aborted) {
        await readOnce(signal);
        await pause(signal).catch(() => undefined);
      }
    },
  };
}
