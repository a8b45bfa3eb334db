export interface Clock {
  /** Milliseconds since the epoch. It may jump. */
  readonly now: () => number;
  /** Milliseconds on a clock that never jumps. */
  readonly steady: () => number;
}

const DAY_MS = 86_400_000;
/** How long a large jump must last before it is accepted, in milliseconds. */
const SUSPECT_MS = 3_600_000;

/**
 * Corrects a clock that may be set wrong for a short time. A jump of more than a day is accepted only
 * after it has lasted for an hour. Until then, time continues from before the jump.
 *
 * Without this, a heartbeat dated days ahead would be counted for the day on which it arrives, and the
 * day of its date would have none.
 */
export function believedClock({ now, steady }: Clock): () => number {
  let offset = now() - steady();
  let suspected: { readonly offset: number; readonly since: number } | undefined;

  function accept(shown: number): void {
    offset = shown;
    suspected = undefined;
  }

  return function believedNow() {
    const shown = now() - steady();
    if (isNear(shown, offset)) accept(shown);
    else if (suspected === undefined || !isNear(shown, suspected.offset)) {
      suspected = { offset: shown, since: steady() };
    } else if (steady() - suspected.since >= SUSPECT_MS) accept(shown);
    return steady() + offset;
  };
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= DAY_MS;
}
