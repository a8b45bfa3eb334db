import { createHmac } from 'node:crypto';
import { isLater, type Sighting } from '../../src/event.ts';

/** A resource that exists or existed, and what the model knows of it. */
export interface Resource {
  readonly uid: string;
  readonly createdAt: number;
  /** The resourceVersion of its creation. */
  readonly bornAt: number;
  /** That of its last change. */
  changedAt: number;
  deletedAt: number | undefined;
  /** Its creation time is years ahead. */
  readonly isDatedAhead: boolean;
}

export interface Change {
  readonly revision: number;
  /** The resource if it was created, else `undefined`. */
  readonly created: Resource | undefined;
}

/** A stand-in for one kind on an API server: its history, its clock, and what etcd has forgotten. */
export function world() {
  const resources: Resource[] = [];
  const changes: Change[] = [];
  let revision = 1_000;
  let compactedTo = 0;
  let seconds = 1_795_434_161;
  /** By how many seconds the API servers' clocks are wrong now. */
  let ahead = 0;

  const living = () => resources.filter(({ deletedAt }) => deletedAt === undefined);
  const pick = (index: number) => living()[index % Math.max(1, living().length)];

  const seenNow = (resource: Resource) => sightingOf(resource, seconds + ahead);

  return {
    resources,
    seenNow,
    revision: () => revision,
    seconds: () => seconds,
    pass(howMany: number): void {
      seconds += howMany;
    },
    /** The clocks of the API servers jump ahead, or with 0 back. */
    leap(by: number): void {
      ahead = by;
    },
    isAhead: () => ahead > 0,
    /** `lag` is by how much the clock of the API server that stores it runs behind. */
    create(lag = 0): void {
      revision += 1;
      const uid = uidOf(revision);
      const createdAt = seconds + ahead - lag;
      const created = {
        uid,
        createdAt,
        bornAt: revision,
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
    /** A change of another kind: the history goes on. */
    otherwise(): void {
      revision += 1;
    },
    compact(): void {
      compactedTo = revision;
    },
    list: (): readonly Sighting[] => living().map(seenNow),
    /** What existed at a moment; `undefined` for a 410. */
    listAt(moment: string): readonly Sighting[] | undefined {
      if (isLater(String(compactedTo), moment)) return undefined;
      const at = Number(moment);
      const existed = resources.filter(
        ({ bornAt, deletedAt }) => bornAt <= at && (deletedAt === undefined || deletedAt > at),
      );
      return existed.map((resource) => ({ ...seenNow(resource), resourceVersion: moment }));
    },
    /** At most `limit` changes after a resourceVersion; `undefined` for a 410. */
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

/** The messageId as the design says it, made without the code under test. */
export function expectedId(cluster: string, uid: string): string {
  return createHmac('sha256', cluster).update(`api-created/${uid}`).digest('hex');
}

function uidOf(revision: number): string {
  return `00000000-0000-4000-8000-${revision.toString(16).padStart(12, '0')}`;
}
