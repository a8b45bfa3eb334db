import type { Sighting } from '../event.ts';

/**
 * How far a creation time may be behind one that was stored earlier, in seconds. The causes are clock
 * skew between API servers and slow admission webhooks.
 */
export const SKEW_SECONDS = 900;
/** How many UIDs are kept per kind. With more in `SKEW_SECONDS`, less skew is tolerated. */
export const RECENT_LIMIT = 3_000;
/** How far the limit may be exceeded before the oldest are dropped, so that this is done rarely. */
const SLACK = 500;
/** How many of these UIDs may belong to resources that are dated far ahead of all others. */
const AHEAD_LIMIT = RECENT_LIMIT / 2;

/** The known resources, as a value. */
export interface KnownState {
  /** The latest creation time seen, in seconds since the epoch. It is never in the future. */
  readonly watermark: number;
  /** Every resource that was created in this second or earlier is known. */
  readonly floor: number;
  /** The known resources that were created after `floor`: creation times by UID. */
  readonly recent: ReadonlyMap<string, number>;
}

/** The known resources. Their size is bounded. */
export interface KnownResources {
  /** Returns whether a UID is among `recent`. A resource that only the floor covers is not. */
  readonly has: (uid: string) => boolean;
  readonly floor: () => number;
  /** Marks resources as known. */
  readonly add: (sightings: readonly Sighting[]) => void;
  readonly value: () => KnownState;
}

export const NONE_KNOWN: KnownState = { watermark: 0, floor: 0, recent: new Map() };

/** Returns a resource's creation time, or the current time if that is in the future. */
export function trustedTime({ createdAt, seenAt }: Sighting): number {
  return Math.min(createdAt, seenAt);
}

/** Returns whether a creation time is further ahead than clock skew explains, so that it is unusable. */
export function isDatedAhead({ createdAt, seenAt }: Sighting): boolean {
  return createdAt > seenAt + SKEW_SECONDS;
}

export function knownResources(from: KnownState): KnownResources {
  const recent = new Map(from.recent);
  let { watermark, floor } = from;

  /** Raises `floor`, and drops the UIDs that it covers. */
  function raiseFloor(upTo: number): void {
    if (upTo <= floor) return;
    floor = upTo;
    for (const [uid, createdAt] of recent) if (createdAt <= floor) recent.delete(uid);
  }

  /** Drops the oldest. UIDs that are dated far ahead would otherwise stay for years and fill the space. */
  function shrink(): void {
    const ahead = [...recent].filter(([, createdAt]) => createdAt > watermark + SKEW_SECONDS);
    for (const [uid] of ahead.slice(0, -AHEAD_LIMIT)) recent.delete(uid);
    if (recent.size <= RECENT_LIMIT) return;
    const times = Float64Array.from(recent.values()).sort();
    raiseFloor(times.at(-RECENT_LIMIT - 1) as number);
  }

  return {
    has: (uid) => recent.has(uid),
    floor: () => floor,
    add(sightings) {
      for (const sighting of sightings) {
        const { uid, createdAt } = sighting;
        if (!isDatedAhead(sighting)) watermark = Math.max(watermark, trustedTime(sighting));
        if (createdAt > floor) recent.set(uid, createdAt);
      }
      raiseFloor(watermark - SKEW_SECONDS);
      if (recent.size > RECENT_LIMIT + SLACK) shrink();
    },
    value() {
      if (recent.size > RECENT_LIMIT) shrink();
      return { watermark, floor, recent: new Map(recent) };
    },
  };
}
