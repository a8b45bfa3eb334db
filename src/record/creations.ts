import { isLater, type Sighting } from '../event.ts';
import { type ConsentStart, isAfter } from './consent-start.ts';
import {
  isDatedAhead,
  type KnownResourcesState,
  knownResources,
  NONE_KNOWN,
} from './known-resources.ts';
import { type ConsentListing, type Listing, oldest } from './listing.ts';

export type { ConsentStart } from './consent-start.ts';
export { RECENT_LIMIT } from './known-resources.ts';

/**
 * What is known of one kind's resources: enough to tell each creation once, in bounded space
 * however many resources there are.
 */
export interface KindLedger extends KnownResourcesState {
  /** Everything up to this resourceVersion is in the ledger. Unknown before the first list. */
  readonly resourceVersion: string | undefined;
  /** Consent began anew: what the next list shows is not told. */
  readonly baseline: boolean;
  /** Consent began with the ledger itself, so that what is older is never told. */
  readonly consentStart: ConsentStart | undefined;
  /** What existed at `consentStart` was listed, so that its time decides nothing any more. */
  readonly snapshotTaken: boolean;
  /** Since consent began, the kind was listed or its watch has made progress. */
  readonly synced: boolean;
}

/** So many new resources are taken from one list. If it has more, another list follows. */
export const LIST_LIMIT = 10_000;

/** Consent begins with the ledger: what was created before is never told, all since then is. */
export function countingFrom({ createdAt, resourceVersion }: ConsentStart): KindLedger {
  return {
    resourceVersion,
    baseline: false,
    watermark: createdAt,
    floor: createdAt - 1,
    recent: new Map(),
    consentStart: { createdAt, resourceVersion },
    snapshotTaken: false,
    synced: false,
  };
}

/** Consent begins anew, with the next list. */
export function baselineAtNextList(): KindLedger {
  return {
    resourceVersion: undefined,
    baseline: true,
    ...NONE_KNOWN,
    consentStart: undefined,
    snapshotTaken: false,
    synced: false,
  };
}

/** One kind's decisions. It changes its state in place; `ledger()` gives it as a value. */
export interface Creations {
  /** The resourceVersion at which its watch goes on, or `undefined` if only a list can tell. */
  readonly start: () => string | undefined;
  /** The moment at which consent began, if what existed then is still to be asked. */
  readonly consentRevision: () => string | undefined;
  /** A list of that very moment begins: none of it is ever told, whatever else is unknown is new. */
  readonly listedAtConsent: () => ConsentListing;
  /** A list begins. */
  readonly listing: () => Listing;
  /** A creation that the watch reported: whether it is new. */
  readonly added: (sighting: Sighting) => boolean;
  /**
   * Whether a resource that the watch reported as deleted was created since consent began and was
   * never seen: between a watch that broke and the list after it, or before the list showed it.
   */
  readonly hasMissed: (deleted: Sighting) => boolean;
  /** From now on this one is known. */
  readonly remember: (sighting: Sighting) => void;
  /** Everything up to `resourceVersion` is known. Gives whether this has ended a baseline. */
  readonly progressed: (resourceVersion: string | undefined) => boolean;
  /** The kind does not exist, so that every resource of it will be new. Gives the same. */
  readonly absent: () => boolean;
  readonly ledger: () => KindLedger;
}

export interface CreationsOptions {
  /** When consent began, in seconds since the epoch. */
  readonly since: number;
}

/** Takes up one kind's ledger. */
export function creations(from: KindLedger, { since }: CreationsOptions): Creations {
  const { consentStart } = from;
  let known = knownResources(from);
  /** What is known while a ledger is healed whose `floor` lies in the future, if one is. */
  let repairing: ReturnType<typeof knownResources> | undefined;
  let { resourceVersion, baseline, snapshotTaken, synced } = from;

  const current = () => repairing ?? known;
  /** Whether what is known begins with the list that is being taken in. */
  const startsFromList = () => baseline || repairing !== undefined;

  function isNew(sighting: Sighting): boolean {
    if (baseline || current().has(sighting.uid)) return false;
    if (repairing) return isNewWhileRepairing(sighting, repairing.floor());
    return isDatedAhead(sighting) ? isUnseen(sighting) : isNewByTime(sighting);
  }

  /** A deletion has a resourceVersion of its own, so only creation times decide. */
  function hasMissed(deleted: Sighting): boolean {
    if (startsFromList() || known.has(deleted.uid) || isDatedAhead(deleted)) return false;
    const isDated =
      consentStart === undefined || snapshotTaken || deleted.createdAt > consentStart.createdAt;
    return isDated && deleted.createdAt > known.floor();
  }

  /** Of one that is dated ahead, nothing tells whether it is from before consent began. */
  function isNewWhileRepairing(sighting: Sighting, floor: number): boolean {
    return !isDatedAhead(sighting) && sighting.createdAt > floor && isUnseen(sighting);
  }

  function isNewByTime(sighting: Sighting): boolean {
    const { createdAt } = sighting;
    if (consentStart === undefined || snapshotTaken || createdAt > consentStart.createdAt)
      return createdAt > known.floor();
    return !synced && isAfter(sighting, consentStart);
  }

  /**
   * Whether a resource has changed since all was known, so that it may have been created since. It
   * decides where creation times cannot.
   */
  function isUnseen(sighting: Sighting): boolean {
    return resourceVersion === undefined || isLater(sighting.resourceVersion, resourceVersion);
  }

  /** A clock that was ahead has raised the floor beyond the present: it says nothing. */
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

  function endBaseline(): boolean {
    const ended = baseline;
    baseline = false;
    return ended;
  }

  return {
    start: () => resourceVersion,
    consentRevision: () => (synced || snapshotTaken ? undefined : consentStart?.resourceVersion),
    listedAtConsent: listedAtConsent,
    listing,
    added: ({ uid }) => !current().has(uid),
    hasMissed,
    remember: (sighting) => current().add([sighting]),
    progressed(to) {
      resourceVersion = to;
      synced = true;
      return endBaseline();
    },
    absent: endBaseline,
    ledger: () => ({
      resourceVersion,
      baseline,
      ...known.value(),
      consentStart: consentStart,
      snapshotTaken: snapshotTaken,
      synced,
    }),
  };
}
