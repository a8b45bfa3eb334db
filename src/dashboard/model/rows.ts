import type { ListSink } from '../../cluster/list-sink.ts';
import type { SeenResource } from './resource-reader.ts';

/** The resources of one kind, as they change. Its size is bounded. */
export interface Rows {
  /** Starts a list. The resources of the first one are shown as they come. */
  readonly listing: () => ListSink<SeenResource>;
  readonly add: (resource: SeenResource) => void;
  readonly change: (resource: SeenResource) => void;
  readonly remove: (resource: SeenResource) => void;
  readonly clear: () => void;
  /** Returns those that are kept: at least the newest 10,000. */
  readonly all: () => Iterable<SeenResource>;
  /** Returns how many there are in all. */
  readonly total: () => number;
}

/** How many resources of a kind are kept. */
export const ROW_LIMIT = 10_000;
/** How far the limit may be exceeded before the oldest are dropped, so that this is done rarely. */
const SLACK = 1_000;

export interface RowsOptions {
  readonly onChange: () => void;
}

export function rows({ onChange }: RowsOptions): Rows {
  let shown = bounded();
  let isListed = false;

  return {
    listing() {
      const listed = bounded();
      return {
        take(resources) {
          for (const resource of resources) listed.add(resource);
          if (isListed) return;
          shown = listed;
          onChange();
        },
        async complete() {
          [shown, isListed] = [listed, true];
          onChange();
          return true;
        },
      };
    },
    add(resource) {
      shown.add(resource);
      onChange();
    },
    change(resource) {
      shown.change(resource);
      onChange();
    },
    remove({ uid }) {
      shown.remove(uid);
      onChange();
    },
    clear() {
      [shown, isListed] = [bounded(), false];
      onChange();
    },
    all: () => shown.all(),
    total: () => shown.total(),
  };
}

/** The newest resources of any number. */
function bounded() {
  const byUid = new Map<string, SeenResource>();
  /** How many were dropped, and the latest creation time among them. */
  let dropped = 0;
  let floor = 0;

  function shrink(): void {
    const times = Float64Array.from(byUid.values(), ({ createdAt }) => createdAt).sort();
    floor = times.at(-ROW_LIMIT - 1) ?? 0;
    const before = byUid.size;
    for (const [uid, { createdAt }] of byUid) {
      if (byUid.size <= ROW_LIMIT) break;
      if (createdAt <= floor) byUid.delete(uid);
    }
    dropped += before - byUid.size;
  }

  /** Whether it was dropped, or belongs to what was dropped. */
  function isTooOld({ uid, createdAt }: SeenResource): boolean {
    return dropped > 0 && createdAt <= floor && !byUid.has(uid);
  }

  function set(resource: SeenResource): void {
    byUid.set(resource.uid, resource);
    if (byUid.size > ROW_LIMIT + SLACK) shrink();
  }

  return {
    add(resource: SeenResource): void {
      if (isTooOld(resource)) dropped += 1;
      else set(resource);
    },
    change(resource: SeenResource): void {
      if (!isTooOld(resource)) set(resource);
    },
    remove(uid: string): void {
      if (!byUid.delete(uid) && dropped > 0) dropped -= 1;
    },
    all: (): Iterable<SeenResource> => byUid.values(),
    total: () => byUid.size + dropped,
  };
}
