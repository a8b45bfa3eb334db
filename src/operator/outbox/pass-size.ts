import { MAX_BATCH_EVENTS } from '../../deliver/batch-limits.ts';
import { type BackoffOptions, backoff } from '../../runtime/backoff.ts';
import type { Time } from '../../runtime/time.ts';

export interface PassSizeOptions {
  readonly time: Pick<Time, 'steady'>;
  readonly random: BackoffOptions['random'];
}

/** How many events are sent together: fewer after a failure that a single event does not have. */
export interface PassSize {
  /** Returns how many events the next pass may have. */
  readonly events: () => number;
  /** Returns how many a pass may have at most, as far as is known. */
  readonly most: () => number;
  /** Records a pass without a failure. The next one may have twice as many events. */
  readonly accepted: (count: number) => void;
  /** Records a failure that is not about the content of events. */
  readonly failed: (count: number) => void;
  /** Records that a batch of more than `accepted` events is too large: a 413. */
  readonly tooLarge: (accepted: number) => void;
  /** Records a 500 to single events: only a large pass shows whether others are accepted. */
  readonly failedAlone: () => void;
}

/** How many events are in flight at the same time. */
export const MAX_IN_FLIGHT = 1_000;
/** With one event, a 500 would not show whether the event or the endpoint is the cause. */
const MIN_EVENTS = 2;
/** How long smaller batches are sent after a 413, in milliseconds. */
const SMALLER_FOR_MS = 3_600_000;
/** How long passes stay smaller after one that was too large to succeed. Jitter at most halves it. */
const TRY_LARGER = { baseMs: 300_000, capMs: 3_600_000 };

/**
 * Decides how many events are sent together.
 *
 * A slow connection or a firewall may fail over many events and accept a few. If a pass fails and the
 * single event after it is accepted, the number is taken as the cause: a quarter is sent, then at most half,
 * until it is time to try more. If that event fails too, the endpoint is away, which says nothing about the
 * number: once it is back, passes begin small and double.
 */
export function passSize({ time, random }: PassSizeOptions): PassSize {
  const larger = backoff({ ...TRY_LARGER, random: () => (1 + random()) / 2 });
  let events = MAX_IN_FLIGHT;
  let limit = { events: MAX_IN_FLIGHT, until: 0 };
  /** The size of a pass that failed, until a single event shows whether that was the cause. */
  let suspect: number | undefined;
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
  }

  return {
    events: () => Math.min(events, most()),
    most,
    accepted(count) {
      if (suspect !== undefined) shrink(suspect);
      else if (count >= Math.min(events, most())) events = Math.min(count * 2, most());
      suspect = undefined;
      if (count < failedSize) return;
      failedSize = 0;
      larger.succeeded();
    },
    failed(count) {
      suspect = count > 1 ? count : undefined;
      if (count === 1) events = 1;
    },
    tooLarge(accepted) {
      events = Math.min(accepted, MAX_BATCH_EVENTS);
      limit = { events, until: time.steady() + SMALLER_FOR_MS };
    },
    failedAlone() {
      suspect = undefined;
      events = MAX_IN_FLIGHT;
    },
  };
}
