import type { Sighting } from '../event.ts';

/**
 * How far creation times may run behind the order in which creations are stored: the clock skew
 * between API servers, and admission webhooks that take their time.
 */
export const SKEW_SECONDS = 900;
/** UIDs kept a kind. Beyond it the skew that is tolerated shrinks, so that space stays bounded. */
export const RECENT_LIMIT = 3_000;
/** How many more there may be until the oldest are forgotten, so that it is not done each time. */
const SLACK = 500;
/** Of the limit, so many may be of resources that are dated far ahead of all others. */
const AHEAD_LIMIT = RECENT_LIMIT / 2;

/** Which resources are known, as a value. */
export interface KnownState {
  /** The latest creation seen, in seconds since the epoch; never one beyond the present. */
  readonly watermark: number;
  /** Whatever was created in this second or before is known. */
  readonly floor: number;
  /** The UIDs that are known among the resources created after `floor`, and when they were. */
  readonly recent: ReadonlyMap<string, number>;
}

/** Which resources are known, in bounded space however many there are. */
export interface KnownResources {
  readonly has: (uid: string) => boolean;
  readonly floor: () => number;
  /** From now on these are known. */
  readonly add: (sightings: readonly Sighting[]) => void;
  readonly value: () => KnownState;
}

export const NONE_KNOWN: KnownState = { watermark: 0, floor: 0, recent: new Map() };

/** When a resource was created, as far as its creation time can be trusted: not beyond the present. */
export function trustedTime({ createdAt, seenAt }: Sighting): number {
  return Math.min(createdAt, seenAt);
}

/** Whether a resource is dated further ahead than clocks differ: then its time says nothing. */
export function isDatedAhead({ createdAt, seenAt }: Sighting): boolean {
  return createdAt > seenAt + SKEW_SECONDS;
}

export function knownResources(from: KnownState): KnownResources {
  const recent = new Map(from.recent);
  let { watermark, floor } = from;

  /** From now on, whatever was created in this second or before is known without its UID. */
  function forget(upTo: number): void {
    if (upTo <= floor) return;
    floor = upTo;
    for (const [uid, createdAt] of recent) if (createdAt <= floor) recent.delete(uid);
  }

  /** Forgets the oldest. Those dated far ahead would else stay for years and leave no space. */
  function shrink(): void {
    const ahead = [...recent].filter(([, createdAt]) => createdAt > watermark + SKEW_SECONDS);
    for (const [uid] of ahead.slice(0, -AHEAD_LIMIT)) recent.delete(uid);
    if (recent.size <= RECENT_LIMIT) return;
    const times = Float64Array.from(recent.values()).sort();
    forget(times.at(-RECENT_LIMIT - 1) as number);
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
      forget(watermark - SKEW_SECONDS);
      if (recent.size > RECENT_LIMIT + SLACK) shrink();
    },
    value() {
      if (recent.size > RECENT_LIMIT) shrink();
      return { watermark, floor, recent: new Map(recent) };
    },
  };
}
