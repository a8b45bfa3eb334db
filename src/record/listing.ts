import type { Sighting } from '../event.ts';
import { trustedTime } from './known-resources.ts';

/** A list of the resources at the start of consent, page by page. It has no effect until completed. */
export interface ConsentListing {
  readonly take: (sightings: readonly Sighting[]) => void;
  readonly complete: () => void;
}

/** Finds the new resources of a list, page by page. It keeps only those. */
export interface Listing {
  readonly take: (sightings: readonly Sighting[]) => void;
  /** Returns the new resources after the last page, oldest first. They are not known yet. */
  readonly unknown: () => readonly Sighting[];
  /** Call once all of them are known. Returns `false` if there were more, so that another list is needed. */
  readonly complete: () => boolean;
}

/** The resources that were created first, of any number. Its size is bounded. */
export interface Oldest {
  readonly add: (sighting: Sighting) => void;
  /** Returns them in the order of creation. */
  readonly inOrder: () => readonly Sighting[];
  /** Returns whether there were more. */
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
