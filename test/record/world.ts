import { createHmac } from 'node:crypto';
import { isLater, type Sighting } from '../../src/event.ts';

/** A resource that exists or existed. */
export interface Resource {
  readonly uid: string;
  readonly createdAt: number;
  /** The resourceVersion of its creation. */
  readonly createdIn: number;
  /** The resourceVersion of its last change. */
  changedAt: number;
  deletedAt: number | undefined;
  /** Whether its creation time is years ahead. */
  readonly isDatedAhead: boolean;
}

export interface Change {
  readonly revision: number;
  /** The resource, if the change is its creation. */
  readonly created: Resource | undefined;
}

/** A model of one kind on an API server: its history, its clock and its compaction. */
export function world() {
  const resources: Resource[] = [];
  const changes: Change[] = [];
  let revision = 1_000;
  let compactedTo = 0;
  let seconds = 1_795_434_161;
  /** How far the clocks of the API servers are ahead, in seconds. */
  let ahead = 0;
  /** Whether discovery has the kind. Its resources are stored all the same. */
  let served = true;

  const living = () => resources.filter(({ deletedAt }) => deletedAt === undefined);
  const pick = (index: number) =>
    served ? living()[index % Math.max(1, living().length)] : undefined;

  const seenNow = (resource: Resource) => sightingOf(resource, seconds + ahead);

  return {
    resources,
    seenNow,
    revision: () => revision,
    seconds: () => seconds,
    pass(howMany: number): void {
      seconds += howMany;
    },
    /** Sets how far the clocks of the API servers are ahead, in seconds. */
    leap(by: number): void {
      ahead = by;
    },
    isAhead: () => ahead > 0,
    serve(isServed: boolean): void {
      served = isServed;
    },
    isServed: () => served,
    /** `lag` is how far the clock of the API server that stores it is behind, in seconds. */
    create(lag = 0): void {
      if (!served) return;
      revision += 1;
      const uid = uidOf(revision);
      const createdAt = seconds + ahead - lag;
      const created = {
        uid,
        createdAt,
        createdIn: revision,
        changedAt: revision,
        deletedAt: undefined,
        isDatedAhead: ahead > 0,
      };
      resources.push(created);
      changes.push({ revision, created });
    },
    update(index: number): void {
      const resource = pick(index);
      if (!resource) return;
      revision += 1;
      resource.changedAt = revision;
      changes.push({ revision, created: undefined });
    },
    remove(index: number): void {
      const resource = pick(index);
      if (!resource) return;
      revision += 1;
      resource.deletedAt = revision;
      changes.push({ revision, created: undefined });
    },
    /** A change of another kind, which raises the resourceVersion. */
    changeOtherKind(): void {
      revision += 1;
    },
    compact(): void {
      compactedTo = revision;
    },
    list: (): readonly Sighting[] => living().map(seenNow),
    /** Returns what existed at a resourceVersion, or `undefined` for a 410. */
    listAt(version: string): readonly Sighting[] | undefined {
      if (isLater(String(compactedTo), version)) return undefined;
      const at = Number(version);
      const existed = resources.filter(
        ({ createdIn, deletedAt }) =>
          createdIn <= at && (deletedAt === undefined || deletedAt > at),
      );
      return existed.map((resource) => ({ ...seenNow(resource), resourceVersion: version }));
    },
    /** Returns at most `limit` changes after a resourceVersion, or `undefined` for a 410. */
    watch(from: string, limit: number): readonly Change[] | undefined {
      if (isLater(String(compactedTo), from)) return undefined;
      return changes.filter((change) => change.revision > Number(from)).slice(0, limit);
    },
  };
}

export type World = ReturnType<typeof world>;

export function sightingOf({ uid, createdAt, changedAt }: Resource, seenAt: number): Sighting {
  return { kind: 'API', uid, createdAt, resourceVersion: String(changedAt), seenAt };
}

/** Computes the documented `messageId` without the code under test. */
export function expectedId(cluster: string, uid: string): string {
  return createHmac('sha256', cluster).update(`api-created/${uid}`).digest('hex');
}

function uidOf(revision: number): string {
  return `00000000-0000-4000-8000-${revision.toString(16).padStart(12, '0')}`;
}
