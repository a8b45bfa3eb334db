import type { Time } from '../../../runtime/time.ts';
import {
  type RollupCounts,
  type RollupRow,
  rollupCounts,
  rollupSnapshot,
} from '../rollup-snapshot.ts';
import type { Snapshot } from '../snapshot.ts';
import { StoreUnavailable } from '../store.ts';
import type { Connection } from './connection.ts';
import { allQuery, changesQuery, rollupRow, stateQuery } from './count-queries.ts';
import {
  type Counted,
  eventsOf,
  holds,
  type Insert,
  isSettledAt,
  type State,
  seenIn,
} from './counted.ts';
import { isImporting, outcomesOf, outcomesQuery } from './outcomes.ts';
import { shareRuns } from './share-runs.ts';

export interface ReadRollupOptions {
  readonly database: string;
  /** For the queries that count events, which take longer than others. */
  readonly counts: Pick<Connection, 'query'>;
  readonly time: Pick<Time, 'now' | 'steady'>;
  /** How long after its insert an event is counted for good, in milliseconds. Until then each read counts it again. */
  readonly unsettledMs?: number;
  /** How many events are counted for good together, at least. */
  readonly together?: number;
  /** With more new events, all events are counted, which takes no longer. */
  readonly most?: number;
}

/** An insert that takes longer is noticed, and all events are counted again. */
const UNSETTLED_MS = 15_000;
/** So long after it an insert is visible, as for `removeEvents`. */
const SETTLE_MS = 5 * 60_000;
const TOGETHER = 100;
const MOST = 200_000;
/** As for events. ClickHouse refuses a query that is longer than 256 KiB, and this one has each version six times. */
export const MOST_INSERTS = 1_000;
/** While events are removed, a read can be in vain. */
const ATTEMPTS = 5;

/**
 * Returns a function that reads the counts of all events, and reads again only after an insert. Concurrent
 * calls share a read.
 *
 * The first read counts all events in ClickHouse. Later ones count what came since then: ClickHouse compares the
 * messages and subjects of the new inserts with what it has of them. Nothing is kept but the counts. If an insert shows late, single events are
 * removed or ClickHouse's clock jumps, all events are counted again.
 */
export function rollupReader(
  connection: Pick<Connection, 'query'>,
  options: ReadRollupOptions,
): () => Promise<Snapshot> {
  const { database, counts: counting, time } = options;
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
    const settled = String(row.settled ?? 0);
    return {
      shown: (row.shown ?? []) as readonly string[],
      removals: String(row.removals),
      settled,
      // Versions count down.
      epoch: BigInt(settled) + BigInt(Math.round(time.steady() * 1000)),
      inserts: inserts.map(([version, events]) => ({ version, events: Number(events) })),
    };
  }

  async function countAll(): Promise<Counted> {
    const { settled: since } = await stateAt('0');
    // Before the events are read, so that an insert that shows in between is noticed later.
    const seen = seenIn(await stateAt(since));
    return { since, first: since, ...seen, counts: await countsSince(since) };
  }

  async function countsSince(since: string): Promise<RollupCounts> {
    const counts = rollupCounts();
    counts.add((await counting.query(allQuery(database), { since })).map(rollupRow));
    return counts;
  }

  /** Resolves with what inserts add, or `undefined` if what is counted does not hold any more. */
  async function changesBy(
    inserts: readonly Insert[],
    before: Counted,
  ): Promise<readonly RollupRow[] | undefined> {
    if (inserts.length === 0) return [];
    const versions = inserts.map(({ version }) => version);
    const { since } = before;
    const rows = await counting.query(changesQuery({ database, versions }), { since });
    return holds(before, await stateAt(since)) ? rows.map(rollupRow) : undefined;
  }

  /** Counts settled inserts for good. Resolves with `undefined` as `changesBy`. */
  async function countMore(
    before: Counted,
    { settled: since }: Pick<State, 'settled'>,
  ): Promise<Counted | undefined> {
    // In this order, for the same reason as in `countAll`.
    const seen = seenIn(await stateAt(since));
    const { inserts } = await stateAt(before.since);
    const rows = await changesBy(inserts.filter(isSettledAt(since)), before);
    if (rows === undefined) return undefined;
    before.counts.add(rows);
    return { ...before, since, ...seen };
  }

  /** Resolves with the counts of now, or `undefined` if all events must be counted again. */
  async function readOn(): Promise<readonly [RollupCounts, RollupCounts] | undefined> {
    const isFirst = counted === undefined;
    counted ??= await countAll();
    const state = await stateAt(counted.since);
    if (!holds(counted, state)) return undefined;
    if (isFew(state.inserts)) return await readChanges(counted, state);
    counted = undefined;
    const isSettled = isSettledAt(state.settled);
    // Then all that is settled is counted once more, and kept.
    if (!isFirst && isFew(state.inserts.filter((one) => !isSettled(one)))) return undefined;
    return [await countsSince('0'), rollupCounts()];
  }

  function isFew(inserts: readonly Insert[]): boolean {
    return eventsOf(inserts) <= most && inserts.length <= MOST_INSERTS;
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
    const before = await connection.query(outcomesQuery(database));
    const received = JSON.stringify(before);
    const isLive = isImporting(before, { now: time.now() });
    if (known?.received === received && !isLive) return known.snapshot;
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
