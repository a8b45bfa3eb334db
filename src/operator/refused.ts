import type { Occurrence } from '../record/events.ts';
import { type BackoffOptions, backoff } from '../runtime/backoff.ts';
import type { Time } from '../runtime/time.ts';

export interface RefusedOptions {
  readonly time: Time;
  readonly random: BackoffOptions['random'];
}

/**
 * The pending events that the endpoint has refused on their own. They are kept, and tried again only
 * after pauses from 15 s up to an hour, while the others go on.
 */
export interface RefusedEvents {
  readonly size: () => number;
  readonly has: (happening: Occurrence) => boolean;
  /** Takes one in, as the last to be tried again. */
  readonly add: (happening: Occurrence) => void;
  readonly accepted: (happening: Occurrence) => void;
  /** Milliseconds until some are to be tried again; infinite if there are none. */
  readonly dueInMs: () => number;
  /** Makes them due now. */
  readonly hasten: () => void;
  /** Returns up to `limit` of them, the one to be tried first as the last, and plans the next time. */
  readonly take: (limit: number) => readonly Occurrence[];
}

/** From half a minute, as only people can mend a refusal. The dice make it half of that at least. */
const PAUSE = { baseMs: 30_000, capMs: 3_600_000 };

export function refusedEvents({ time, random }: RefusedOptions): RefusedEvents {
  const refused = new Set<Occurrence>();
  const pause = backoff({ ...PAUSE, random: () => (1 + random()) / 2 });
  let dueAt = 0;

  function plan(): void {
    dueAt = time.steady() + pause.failed();
  }

  return {
    size: () => refused.size,
    has: (happening) => refused.has(happening),
    add(happening) {
      if (refused.size === 0) plan();
      refused.delete(happening);
      refused.add(happening);
    },
    accepted(happening) {
      if (refused.delete(happening)) pause.succeeded();
    },
    dueInMs: () => (refused.size === 0 ? Number.POSITIVE_INFINITY : dueAt - time.steady()),
    hasten() {
      pause.succeeded();
      dueAt = time.steady();
    },
    take(limit) {
      plan();
      return [...refused].slice(0, limit).reverse();
    },
  };
}
