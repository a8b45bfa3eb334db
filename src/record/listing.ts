import type { Sighting } from '../event.ts';
import { trustedTime } from './known-resources.ts';

/** Takes in a list some resources at a time. Unless it is completed, nothing of it counts. */
export interface ConsentListing {
  readonly take: (sightings: readonly Sighting[]) => void;
  readonly complete: () => void;
}

/** Decides on a list, some resources at a time, and keeps none but the new ones. */
export interface Listing {
  readonly take: (sightings: readonly Sighting[]) => void;
  /** All was taken: returns those that are new, the oldest first. They are not yet known. */
  readonly unknown: () => readonly Sighting[];
  /** They are all known now. Returns whether that is all; if not, list again. */
  readonly complete: () => boolean;
}

/** Those of any number of resources that were created first, in bounded space. */
export interface Oldest {
  readonly add: (sighting: Sighting) => void;
  /** In the order of creation. */
  readonly inOrder: () => readonly Sighting[];
  /** Whether there were more. */
  readonly hasDropped: () => boolean;
}

export function oldest(limit: number): Oldest {
  const kept: Sighting[] = [];
  let dropped = false;

  function sort(): readonly Sighting[] {
    kept.sort((a, b) => trustedTime(a) - trustedTime(b));
    dropped ||= kept.length > limit;
    kept.length = Math.min(kept.length, limit);
    return kept;
  }

  return {
    add(sighting) {
      kept.push(sighting);
      if (kept.length === 2 * limit) sort();
    },
    inOrder: () => [...sort()],
    hasDropped: () => dropped || kept.length > limit,
  };
}
