import { isLater, type Sighting } from '../event.ts';

/** The time and the resourceVersion at which the ledger was created. */
export interface ConsentStart {
  /** Seconds since the epoch, by the API server's clock. */
  readonly createdAt: number;
  readonly resourceVersion: string;
}

/**
 * Returns whether a resource was created after the ledger, within the same second. Creation times are
 * whole seconds, so resourceVersions decide the order within one.
 *
 * This is an estimate: it takes an older resource that has changed since for a new one. It is used only
 * for the first list, if the API server can no longer list what existed at `start`.
 */
export function isAfter(sighting: Sighting, start: ConsentStart): boolean {
  if (sighting.createdAt !== start.createdAt) return false;
  return isLater(sighting.resourceVersion, start.resourceVersion);
}
