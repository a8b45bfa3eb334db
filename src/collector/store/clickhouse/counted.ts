import type { RollupCounts } from '../rollup-snapshot.ts';

/** All events from a version on, counted. The lower the version is, the later was the insert. */
export interface Counted {
  readonly since: string;
  /** Its `since` when all events were counted. */
  readonly first: string;
  /** The versions of the last inserts that are counted. Another one there was not counted. */
  readonly shown: ReadonlySet<string>;
  /** What changes if events are removed. */
  readonly removals: string;
  /** When ClickHouse's clock was 0, by the clock of this process. In microseconds. */
  readonly epoch: bigint;
  readonly counts: RollupCounts;
}

/** What ClickHouse says before counts are trusted. */
export interface State {
  readonly shown: readonly string[];
  readonly removals: string;
  readonly epoch: bigint;
  /** The version of the latest insert that is counted for good. */
  readonly settled: string;
  readonly inserts: readonly Insert[];
}

/** All rows of an insert have one version. */
export interface Insert {
  readonly version: string;
  readonly events: number;
}

/** All events are counted again each day, whatever may have been missed. In microseconds. */
const MOST_AGE_US = 24n * 60n * 60n * 1_000_000n;
/** By how much ClickHouse's clock may seem to jump because a response takes long, in microseconds. */
const MOST_JUMP_US = 60n * 1_000_000n;

/** Returns what a later state is compared with. */
export function seenIn({
  shown,
  removals,
  epoch,
}: State): Pick<Counted, 'shown' | 'removals' | 'epoch'> {
  return { shown: new Set(shown), removals, epoch };
}

/** Returns whether what is counted is all that was inserted until then, and no later. */
export function holds({ since, first, shown, removals, epoch }: Counted, state: State): boolean {
  const hasJumped =
    distance(state.epoch, epoch) > MOST_JUMP_US || BigInt(state.settled) > BigInt(since);
  const age = BigInt(first) - BigInt(state.settled);
  const isComplete = state.removals === removals && state.shown.every((one) => shown.has(one));
  return isComplete && !hasJumped && age < MOST_AGE_US;
}

function distance(one: bigint, other: bigint): bigint {
  return one > other ? one - other : other - one;
}

/** Returns a function that returns whether an insert is as old as a version. */
export function isSettledAt(settled: string) {
  return ({ version }: Insert) => BigInt(version) >= BigInt(settled);
}

/** Returns how many events inserts have together. */
export function eventsOf(inserts: readonly Insert[]): number {
  return inserts.reduce((sum, { events }) => sum + events, 0);
}
