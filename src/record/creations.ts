import { isLater, type Sighting } from '../event.ts';
import { isAfter } from './consent-start.ts';
import type { KindLedger } from './kind-ledger.ts';
import { isDatedAhead, knownResources, NONE_KNOWN } from './known-resources.ts';
import { type ConsentListing, type Listing, oldest } from './listing.ts';

export type { ConsentStart } from './consent-start.ts';
export { RECENT_LIMIT } from './known-resources.ts';

/** How many new resources are taken from one list. If it has more, another list follows. */
export const LIST_LIMIT = 10_000;

/** Decides which resources of one kind are new. The state is mutable; `ledger()` returns a copy. */
export interface Creations {
  /** Returns the resourceVersion to watch from, or `undefined` if a list is needed first. */
  readonly start: () => string | undefined;
  /** Returns the resourceVersion at which consent began if it has yet to be listed. */
  readonly consentRevision: () => string | undefined;
  /** Starts the list at `consentRevision`: what it shows is never counted, all else that is unknown is. */
  readonly listedAtConsent: () => ConsentListing;
  /** Starts a list. */
  readonly listing: () => Listing;
  /** Returns whether the UID of a resource that a watch or a list reported is not kept. Does not mark it as known. */
  readonly added: (sighting: Sighting) => boolean;
  /**
   * Returns whether a resource that the watch reported as deleted was created since consent began but
   * never seen: between a broken watch and the next list, or before the list showed it.
   */
  readonly hasMissed: (deleted: Sighting) => boolean;
  /** Marks a resource as known. */
  readonly remember: (sighting: Sighting) => void;
  /** Records that everything up to `resourceVersion` is known. Returns whether this ends a baseline. */
  readonly progressed: (resourceVersion: string | undefined) => boolean;
  /**
   * Records that the kind did not exist at a time, in seconds since the epoch by the API server's clock.
   * Returns whether this ends a baseline.
   */
  readonly absent: (at: number) => boolean;
  readonly ledger: () => KindLedger;
}

export interface CreationsOptions {
  /** When consent began, in seconds since the epoch. */
  readonly since: number;
}

/** Continues from the ledger of one kind. */
export function creations(from: KindLedger, { since }: CreationsOptions): Creations {
  const { consentStart, earlier } = from;
  let known = knownResources(from);
  /** What is known while a `floor` in the future is being repaired. */
  let repairing: ReturnType<typeof knownResources> | undefined;
  let { resourceVersion, baseline, snapshotTaken, synced, baselineAt } = from;

  const current = () => repairing ?? known;
  /** Whether the current list replaces everything that is known. */
  const startsFromList = () => baseline || repairing !== undefined;

  function isNew(sighting: Sighting): boolean {
    if (baseline || current().has(sighting.uid)) return false;
    if (repairing) return isNewWhileRepairing(sighting, repairing.floor());
    return isDatedAhead(sighting) ? isUnseen(sighting) : isNewByTime(sighting);
  }

  // A deletion has its own resourceVersion, so only creation times decide.
  function hasMissed(deleted: Sighting): boolean {
    if (startsFromList() || known.has(deleted.uid) || isDatedAhead(deleted)) return false;
    const isDated =
      consentStart === undefined || snapshotTaken || deleted.createdAt > consentStart.createdAt;
    return isDated && deleted.createdAt > known.floor();
  }

  // If a resource is dated ahead, nothing shows whether it is older than consent.
  function isNewWhileRepairing(sighting: Sighting, floor: number): boolean {
    return !isDatedAhead(sighting) && sighting.createdAt > floor && isUnseen(sighting);
  }

  function isNewByTime(sighting: Sighting): boolean {
    const { createdAt } = sighting;
    if (consentStart === undefined || snapshotTaken || createdAt > consentStart.createdAt)
      return createdAt > known.floor();
    return !synced && isAfter(sighting, consentStart);
  }

  /** Whether a resource may be new because it changed since the last list. Used if times can't decide. */
  function isUnseen(sighting: Sighting): boolean {
    return resourceVersion === undefined || isLater(sighting.resourceVersion, resourceVersion);
  }

  // A clock that was ahead raised the floor beyond the present, where it decides nothing.
  function repairFloor([first]: readonly Sighting[]): void {
    if (startsFromList() || first === undefined || known.floor() <= first.seenAt) return;
    const floor = Math.min(since, first.seenAt);
    repairing = knownResources({ watermark: floor, floor, recent: known.value().recent });
  }

  function listing(): Listing {
    const found = oldest(LIST_LIMIT);
    const shown = knownResources(NONE_KNOWN);
    return {
      take(sightings) {
        repairFloor(sightings);
        if (startsFromList()) shown.add(sightings);
        for (const sighting of sightings.filter(isNew)) found.add(sighting);
      },
      unknown: found.inOrder,
      complete() {
        if (found.hasDropped()) return false;
        if (startsFromList()) known = shown;
        snapshotTaken ||= repairing !== undefined;
        repairing = undefined;
        return true;
      },
    };
  }

  function listedAtConsent(): ConsentListing {
    const shown = knownResources({ ...NONE_KNOWN, recent: known.value().recent });
    return {
      take: shown.add,
      complete() {
        known = shown;
        snapshotTaken = true;
      },
    };
  }

  function endBaseline(at = '0'): boolean {
    if (!baseline) return false;
    baseline = false;
    baselineAt = { createdAt: known.value().watermark, resourceVersion: at };
    return true;
  }

  return {
    start: () => resourceVersion,
    consentRevision: () => (synced || snapshotTaken ? undefined : consentStart?.resourceVersion),
    listedAtConsent,
    listing,
    added: ({ uid }) => !current().has(uid),
    hasMissed,
    remember: (sighting) => current().add([sighting]),
    progressed(to) {
      resourceVersion = to;
      synced = true;
      return endBaseline(to);
    },
    absent(at) {
      // A kind that is not served may still be stored, and be served again.
      if (baseline) known = knownResources({ ...NONE_KNOWN, watermark: at, floor: at });
      return endBaseline();
    },
    ledger: () => ({
      resourceVersion,
      baseline,
      ...known.value(),
      consentStart,
      snapshotTaken,
      synced,
      baselineAt,
      earlier,
    }),
  };
}
