export interface Clock {
  /** Milliseconds since the epoch. It may jump. */
  readonly now: () => number;
  /** Milliseconds on a clock that never jumps. */
  readonly steady: () => number;
}

const DAY_MS = 86_400_000;
/** How long a clock must stay where it has jumped to, in milliseconds. */
const DOUBT_MS = 3_600_000;

/**
 * Returns the time of a clock that may be set wrong for a moment: a jump of more than a day counts
 * only after it has lasted for an hour. Until then time goes on from where it was.
 *
 * A heartbeat that such a clock dates days ahead would be counted for the day on which it arrives, and
 * its own day would have none.
 */
export function believedClock({ now, steady }: Clock): () => number {
  let offset = now() - steady();
  let suspected: { readonly offset: number; readonly since: number } | undefined;

  function believe(shown: number): void {
    offset = shown;
    suspected = undefined;
  }

  return function believedNow() {
    const shown = now() - steady();
    if (isNear(shown, offset)) believe(shown);
    else if (suspected === undefined || !isNear(shown, suspected.offset)) {
      suspected = { offset: shown, since: steady() };
    } else if (steady() - suspected.since >= DOUBT_MS) believe(shown);
    return steady() + offset;
  };
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= DAY_MS;
}
