import { isLater, type Sighting } from '../event.ts';

/**
 * What is known of one kind's resources: enough to tell each creation once, in bounded space
 * however many resources there are.
 */
export interface KindLedger {
  /** Everything up to this resourceVersion is in the ledger. Unknown before the first list. */
  readonly resourceVersion: string | undefined;
  /** Consent began anew: what the next list shows is not told. */
  readonly baseline: boolean;
  /** The latest creation seen, in seconds since the epoch. */
  readonly watermark: number;
  /** Whatever was created in this second or before is known. */
  readonly floor: number;
  /** The UIDs that are known among the resources created after `floor`, and when they were. */
  readonly recent: ReadonlyMap<string, number>;
  /** Consent began with the ledger itself, so that what is older is never told. */
  readonly birth: Birth | undefined;
  /** What existed at `birth` was listed, so that its time decides nothing any more. */
  readonly exact: boolean;
  /** Since consent began, the kind was listed or its watch has made progress. */
  readonly synced: boolean;
}

/** When and where in the cluster's history the ledger was made. */
export interface Birth {
  /** Seconds since the epoch, by the API server's clock. */
  readonly createdAt: number;
  readonly resourceVersion: string;
}

/**
 * How far creation times may run behind the order in which creations are stored: the clock skew
 * between API servers, and admission webhooks that take their time.
 */
const SKEW_SECONDS = 900;
/** UIDs kept a kind. Beyond it the skew that is tolerated shrinks, so that space stays bounded. */
export const RECENT_LIMIT = 3_000;

/** Consent begins with the ledger: what was created before is never told, all since then is. */
export function bornWith({ createdAt, resourceVersion }: Birth): KindLedger {
  return {
    resourceVersion,
    baseline: false,
    watermark: createdAt,
    floor: createdAt - 1,
    recent: new Map(),
    birth: { createdAt, resourceVersion },
    exact: false,
    synced: false,
  };
}

/** Consent begins anew, with the next list. */
export function begunAnew(): KindLedger {
  return {
    resourceVersion: undefined,
    baseline: true,
    watermark: 0,
    floor: 0,
    recent: new Map(),
    birth: undefined,
    exact: false,
    synced: false,
  };
}

/** One kind's decisions. It changes its state in place; `ledger()` gives it as a value. */
export interface Creations {
  /** The resourceVersion at which its watch goes on, or `undefined` if only a list can tell. */
  readonly start: () => string | undefined;
  /** The moment at which consent began, if what existed then is still to be asked. */
  readonly origin: () => string | undefined;
  /** A complete list of that very moment: none of it is ever told, whatever else is unknown is new. */
  readonly existed: (list: readonly Sighting[]) => void;
  /** A creation that the watch reported: whether it is new. */
  readonly added: (sighting: Sighting) => boolean;
  /** A complete list: those that are new, in the order of their creation. They are not yet known. */
  readonly unknownIn: (list: readonly Sighting[]) => readonly Sighting[];
  /** From now on this one is known. */
  readonly know: (sighting: Sighting) => void;
  /** Everything up to `resourceVersion` is known. Gives whether this has ended a baseline. */
  readonly progressed: (resourceVersion: string | undefined) => boolean;
  /** The kind does not exist, so that every resource of it will be new. Gives the same. */
  readonly absent: () => boolean;
  readonly ledger: () => KindLedger;
}

/** Takes up one kind's ledger. */
export function creations(from: KindLedger): Creations {
  const recent = new Map(from.recent);
  const { birth } = from;
  let { resourceVersion, baseline, watermark, floor, exact, synced } = from;

  function isNew(sighting: Sighting): boolean {
    if (baseline || recent.has(sighting.uid)) return false;
    if (birth === undefined || exact || sighting.createdAt > birth.createdAt)
      return sighting.createdAt > floor;
    return !synced && isAfter(sighting, birth);
  }

  function know({ uid, createdAt }: Sighting): void {
    watermark = Math.max(watermark, createdAt);
    if (createdAt > floor) recent.set(uid, createdAt);
    forget(watermark - SKEW_SECONDS);
    if (recent.size > RECENT_LIMIT) forget(Math.min(...recent.values()));
  }

  /** From now on, whatever was created in this second or before is known without its UID. */
  function forget(upTo: number): void {
    if (upTo <= floor) return;
    floor = upTo;
    for (const [uid, createdAt] of recent) if (createdAt <= floor) recent.delete(uid);
  }

  function endBaseline(): boolean {
    const ended = baseline;
    baseline = false;
    return ended;
  }

  return {
    start: () => resourceVersion,
    origin: () => (synced || exact ? undefined : birth?.resourceVersion),
    existed(list) {
      exact = true;
      floor = 0;
      for (const sighting of inOrderOfCreation(list)) know(sighting);
    },
    added: ({ uid }) => !recent.has(uid),
    unknownIn(list) {
      const inOrder = inOrderOfCreation(list);
      const unknown = inOrder.filter(isNew);
      if (baseline) for (const sighting of inOrder) know(sighting);
      return unknown;
    },
    know,
    progressed(to) {
      resourceVersion = to;
      synced = true;
      return endBaseline();
    },
    absent: endBaseline,
    ledger: () => ({
      resourceVersion,
      baseline,
      watermark,
      floor,
      recent: new Map(recent),
      birth,
      exact,
      synced,
    }),
  };
}

function inOrderOfCreation(list: readonly Sighting[]): readonly Sighting[] {
  return [...list].sort((a, b) => a.createdAt - b.createdAt);
}

/**
 * Whether a resource of the very second in which the ledger was made came after it: creation times
 * are whole seconds, so the order within one is taken from the resourceVersions. That is the next
 * best where what existed then can't be asked any more, and asked only of a list that stands in for
 * the watch from there, as it takes an old resource that has changed since for a new one.
 */
function isAfter(sighting: Sighting, birth: Birth): boolean {
  if (sighting.createdAt !== birth.createdAt) return false;
  return isLater(sighting.resourceVersion, birth.resourceVersion);
}
