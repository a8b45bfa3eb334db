import type { Occurrence } from '../../record/events.ts';
import { type BackoffOptions, backoff, halfJitter } from '../../runtime/backoff.ts';
import type { Time } from '../../runtime/time.ts';

export interface RefusedEventsOptions {
  readonly time: Pick<Time, 'steady'>;
  readonly random: BackoffOptions['random'];
}

/** Pending events that the endpoint refused on their own. They are sent again after long pauses. */
export interface RefusedEvents {
  readonly size: () => number;
  readonly has: (occurrence: Occurrence) => boolean;
  /** Adds an event as the last one to send again. */
  readonly add: (occurrence: Occurrence) => void;
  readonly accepted: (occurrence: Occurrence) => void;
  /** Returns the delay until the next attempt, in ms. Infinite if there are none. */
  readonly dueInMs: () => number;
  /** Makes all of them due now. */
  readonly retryNow: () => void;
  /** Returns up to `limit` events, the first to send last, and schedules the next attempt. */
  readonly take: (limit: number) => readonly Occurrence[];
}

/** Only people can repair a refusal. Jitter at most halves a pause: from 15 s up to an hour. */
const REFUSED_PAUSE = { baseMs: 30_000, capMs: 3_600_000 };

export function refusedEvents({ time, random }: RefusedEventsOptions): RefusedEvents {
  const refused = new Set<Occurrence>();
  const pause = backoff({ ...REFUSED_PAUSE, random: halfJitter(random) });
  let dueAt = 0;

  function schedule(): void {
    dueAt = time.steady() + pause.failed();
  }

  return {
    size: () => refused.size,
    has: (occurrence) => refused.has(occurrence),
    add(occurrence) {
      if (refused.size === 0) schedule();
      refused.delete(occurrence);
      refused.add(occurrence);
    },
    accepted(occurrence) {
      if (refused.delete(occurrence)) pause.succeeded();
    },
    dueInMs: () => (refused.size === 0 ? Number.POSITIVE_INFINITY : dueAt - time.steady()),
    retryNow() {
      pause.succeeded();
      dueAt = time.steady();
    },
    take(limit) {
      schedule();
      return [...refused].slice(0, limit).reverse();
    },
  };
}
