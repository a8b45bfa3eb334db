import { isLater, type Sighting } from '../event.ts';

/** When and where in the cluster's history the ledger was made. */
export interface ConsentStart {
  /** Seconds since the epoch, by the API server's clock. */
  readonly createdAt: number;
  readonly resourceVersion: string;
}

/**
 * Whether a resource of the very second in which the ledger was made came after it: creation times
 * are whole seconds, so the order within one is taken from the resourceVersions. That is the next
 * best where what existed then can't be asked any more, and asked only of a list that stands in for
 * the watch from there, as it takes an old resource that has changed since for a new one.
 */
export function isAfter(sighting: Sighting, start: ConsentStart): boolean {
  if (sighting.createdAt !== start.createdAt) return false;
  return isLater(sighting.resourceVersion, start.resourceVersion);
}
