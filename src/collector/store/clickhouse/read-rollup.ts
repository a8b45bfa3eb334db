import {
  type RollupCounts,
  type RollupRow,
  rollupCounts,
  rollupSnapshot,
} from '../rollup-snapshot.ts';
import type { Snapshot } from '../snapshot.ts';
import { StoreUnavailable } from '../store.ts';
import type { Connection } from './connection.ts';
import {
  allQuery,
  changesQuery,
  outcomesOf,
  outcomesQuery,
  rollupRow,
  stateQuery,
} from './count-queries.ts';
import { shareRuns } from './share-runs.ts';

export interface ReadRollupOptions {
  readonly database: string;
  /** For the queries that count events, which take longer than others. */
  readonly counts: Pick<Connection, 'query'>;
  /** How long after its insert an event is counted for good, in milliseconds. Until then each read counts it again. */
  readonly unsettledMs?: number;
  /** How many events are counted for good together, at least. */
  readonly together?: number;
  /** With more new events, all events are counted, which takes no longer. */
  readonly most?: number;
}

/** All events from a version on, counted. The lower the version is, the later was the insert. */
interface Counted {
  readonly since: string;
  /** Its `since` when all events were counted. */
  readonly first: string;
  /** What changes if an insert that is counted already was not there when it was counted. */
  readonly guard: string;
  readonly counts: RollupCounts;
}

interface State {
  readonly guard: string;
  /** The version of the latest insert that is counted for good. */
  readonly settled: string;
  readonly inserts: readonly Insert[];
}

interface Insert {
  readonly version: string;
  readonly events: number;
}

/** An insert that takes longer is noticed, and all events are counted again. */
const UNSETTLED_MS = 15_000;
/** So long after it an insert is visible, as for `removeEvents`. */
const SETTLE_MS = 5 * 60_000;
const TOGETHER = 100;
const MOST = 200_000;
/** As for events. */
const MOST_INSERTS = 5_000;
/** All events are counted again each day, whatever may have been missed. In microseconds. */
const MOST_AGE_US = 24n * 60n * 60n * 1_000_000n;
/** While events are removed, a read can be in vain. */
const ATTEMPTS = 5;

/**
 * Returns a function that reads the counts of all events, and reads again only after an insert. Concurrent
 * calls share a read.
 *
 * The first read counts all events in ClickHouse. Later ones count what came since then: ClickHouse compares the
 * messages and subjects of the new inserts with what it has of them. Nothing is kept but the counts. If an insert shows late, or single events are
 * removed, `guard` differs and all events are counted again.
 */
export function rollupReader(
  connection: Pick<Connection, 'query'>,
  options: ReadRollupOptions,
): () => Promise<Snapshot> {
  const { database, counts: counting } = options;
  const { unsettledMs = UNSETTLED_MS, together = TOGETHER, most = MOST } = options;
  let known: { readonly received: string; readonly snapshot: Snapshot } | undefined;
  let counted: Counted | undefined;

  async function stateAt(since: string): Promise<State> {
    const [row = {}] = await connection.query(stateQuery(database), {
      since,
      unsettled: unsettledMs * 1000,
      settle: SETTLE_MS * 1000,
    });
    const inserts = (row.inserts ?? []) as readonly (readonly [string, string | number])[];
    return {
      guard: String(row.guard),
      settled: String(row.settled ?? 0),
      inserts: inserts.map(([version, events]) => ({ version, events: Number(events) })),
    };
  }

  async function countAll(): Promise<Counted> {
    const { settled: since } = await stateAt('0');
    // Before the events are read, so that an insert that shows in between is noticed later.
    const { guard } = await stateAt(since);
    return { since, first: since, guard, counts: await countsSince(since) };
  }

  async function countsSince(since: string): Promise<RollupCounts> {
    const counts = rollupCounts();
    counts.add((await counting.query(allQuery(database), { since })).map(rollupRow));
    return counts;
  }

  /** Resolves with what inserts add, or `undefined` if what is counted does not hold any more. */
  async function changesBy(
    inserts: readonly Insert[],
    { since, guard }: Counted,
  ): Promise<readonly RollupRow[] | undefined> {
    if (inserts.length === 0) return [];
    const versions = inserts.map(({ version }) => version);
    const rows = await counting.query(changesQuery({ database, versions }), { since });
    return (await stateAt(since)).guard === guard ? rows.map(rollupRow) : undefined;
  }

  /** Counts settled inserts for good. Resolves with `undefined` as `changesBy`. */
  async function countMore(
    before: Counted,
    { settled: since }: Pick<State, 'settled'>,
  ): Promise<Counted | undefined> {
    // In this order, for the same reason as in `countAll`.
    const { guard } = await stateAt(since);
    const { inserts } = await stateAt(before.since);
    const rows = await changesBy(inserts.filter(isSettledAt(since)), before);
    if (rows === undefined) return undefined;
    before.counts.add(rows);
    return { ...before, since, guard };
  }

  /** Resolves with the counts of now, or `undefined` if all events must be counted again. */
  async function readOn(): Promise<readonly [RollupCounts, RollupCounts] | undefined> {
    counted ??= await countAll();
    const state = await stateAt(counted.since);
    if (!holds(counted, state)) return undefined;
    if (eventsOf(state.inserts) <= most && state.inserts.length <= MOST_INSERTS) {
      return await readChanges(counted, state);
    }
    counted = undefined;
    return [await countsSince('0'), rollupCounts()];
  }

  async function readChanges(before: Counted, state: State) {
    const isMuch = eventsOf(state.inserts.filter(isSettledAt(state.settled))) >= together;
    counted = isMuch ? await countMore(before, state) : before;
    if (counted === undefined) return undefined;
    const { inserts } = isMuch ? await stateAt(counted.since) : state;
    const rows = await changesBy(inserts, counted);
    if (rows === undefined) return undefined;
    const changes = rollupCounts();
    changes.add(rows);
    return [counted.counts, changes] as const;
  }

  async function readNow(): Promise<readonly [RollupCounts, RollupCounts]> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const counts = await readOn();
      if (counts !== undefined) return counts;
      counted = undefined;
    }
    throw new StoreUnavailable('Events are being removed: try again.');
  }

  return shareRuns(async () => {
    // Each insert is counted in `outcome` after it is stored and before it is acknowledged.
    const received = JSON.stringify(await connection.query(outcomesQuery(database)));
    if (known?.received === received) return known.snapshot;
    const [counts, changes] = await readNow();
    const outcomes = await connection.query(outcomesQuery(database));
    const accepted = counts.messages() + changes.messages();
    const snapshot = rollupSnapshot(counts, {
      changes,
      outcomes: outcomesOf(outcomes, { accepted }),
    });
    known = { received, snapshot };
    return snapshot;
  });
}

/** By ClickHouse's clock, which can be set back. */
function holds({ since, first, guard }: Counted, state: State): boolean {
  const isSetBack = BigInt(state.settled) > BigInt(since);
  const age = BigInt(first) - BigInt(state.settled);
  return state.guard === guard && !isSetBack && age < MOST_AGE_US;
}

function isSettledAt(settled: string) {
  return ({ version }: Insert) => BigInt(version) >= BigInt(settled);
}

function eventsOf(inserts: readonly Insert[]): number {
  return inserts.reduce((sum, { events }) => sum + events, 0);
}
