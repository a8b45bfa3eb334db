import { MAX_BATCH_EVENTS } from '../../deliver/batch-limits.ts';
import { type BackoffOptions, backoff, halfJitter } from '../../runtime/backoff.ts';
import type { Time } from '../../runtime/time.ts';

export interface PassSizeOptions {
  readonly time: Pick<Time, 'steady'>;
  readonly random: BackoffOptions['random'];
}

/** How many events are sent together: fewer after failures that a single event does not have. */
export interface PassSize {
  /** Returns how many events the next pass may have. */
  readonly events: () => number;
  /** Returns how many a pass may have at most, as far as is known. */
  readonly most: () => number;
  /** Records a pass of so many events without a failure. The next one may have twice as many. */
  readonly accepted: (count: number) => void;
  /** Records a failure that may be due to the number of events, and how many were accepted before it. */
  readonly failed: (count: number, accepted: number) => void;
  /** Records that a batch of more than `accepted` events is too large: a 413. */
  readonly tooLarge: (accepted: number) => void;
}

/** How many events are in flight at the same time. */
export const MAX_IN_FLIGHT = 1_000;
/** With one event, a 500 would not show whether the event or the endpoint is the cause. */
const MIN_EVENTS = 2;
/**
 * How often in a row a pass must fail completely, and the single event after it be accepted. Once is enough for a
 * pass with more events than the limit.
 */
const MIN_FAILED_PASSES = 3;
/** How long smaller batches are sent after a 413, in milliseconds. */
const SMALLER_FOR_MS = 3_600_000;
/** How long passes stay smaller after one that was too large to succeed. Jitter at most halves it. */
const TRY_LARGER = { baseMs: 300_000, capMs: 3_600_000 };

const UNLIMITED = { events: MAX_IN_FLIGHT, until: 0 };

/**
 * Decides how many events are sent together.
 *
 * A slow connection or a firewall may fail over many events and accept a few. If passes fail again and again, and
 * the single event after each of them is accepted, the number is taken as the cause: a quarter is sent, then at
 * most half, until it is time to try more. An endpoint that fails now and then, as with one of several replicas,
 * accepts a part or the next pass: small passes would only delay the events.
 */
export function passSize({ time, random }: PassSizeOptions): PassSize {
  const larger = backoff({ ...TRY_LARGER, random: halfJitter(random) });
  let events = MAX_IN_FLIGHT;
  let limit = UNLIMITED;
  /** The size of a pass that failed completely, until the endpoint has decided on a single event. */
  let lastFailed: number | undefined;
  /** How many such passes in a row were followed by a single event that was accepted. */
  let failedPasses = 0;
  /** The size of the last pass of which the number was the cause. */
  let failedSize = 0;

  function most(): number {
    return time.steady() < limit.until ? limit.events : MAX_IN_FLIGHT;
  }

  function shrink(size: number): void {
    failedSize = size;
    limit = {
      events: Math.max(MIN_EVENTS, Math.floor(size / 2)),
      until: time.steady() + larger.failed(),
    };
    events = Math.max(MIN_EVENTS, Math.floor(size / 4));
    failedPasses = 0;
  }

  /** The pass failed, and a single event was accepted after it. */
  function countFailedPass(size: number): void {
    lastFailed = undefined;
    failedPasses += 1;
    if (failedPasses >= MIN_FAILED_PASSES || size > limit.events) shrink(size);
  }

  function forgetFailedPasses(): void {
    lastFailed = undefined;
    failedPasses = 0;
  }

  return {
    events: () => Math.min(events, most()),
    most,
    accepted(count) {
      if (count === 1 && lastFailed !== undefined) return countFailedPass(lastFailed);
      if (count > 1) forgetFailedPasses();
      if (count >= Math.min(events, most())) events = Math.min(count * 2, most());
      if (failedSize === 0 || count < failedSize) return;
      failedSize = 0;
      limit = UNLIMITED;
      larger.succeeded();
    },
    failed(count, accepted) {
      if (accepted > 0) forgetFailedPasses();
      else if (count > MIN_EVENTS) lastFailed = count;
    },
    tooLarge(accepted) {
      events = Math.min(accepted, MAX_BATCH_EVENTS);
      limit = { events, until: time.steady() + SMALLER_FOR_MS };
    },
  };
}
