import type { Time } from '../../../runtime/time.ts';
import type { Batch } from '../../ingest/batch.ts';
import { PlaceError, type RecordOptions, type Store } from '../store.ts';
import type { ClickHouseAddress } from './address.ts';
import { type Connection, connect, type Use } from './connection.ts';
import { groupWrites } from './group-writes.ts';
import { importGroup } from './import-group.ts';
import { insertEvents, insertOutcomes } from './insert-events.ts';
import { prepareDatabase } from './prepare-database.ts';
import { type ReadRollupOptions, rollupReader } from './read-rollup.ts';
import { eventRemover } from './remove-events.ts';
import { messageHex, storedEvent } from './rows.ts';

export interface ClickHouseOptions {
  readonly password: string;
  readonly time: Pick<Time, 'now' | 'steady' | 'after'>;
  /** Called when ClickHouse begins to fail in one use, and with `undefined` when that is back. */
  readonly onFailure?: (use: Use, error: unknown) => void;
  /** How long after its insert an event can be removed, in milliseconds. Longer than an insert takes. */
  readonly settleMs?: number;
  /** How new events are added to the counts. */
  readonly counting?: Pick<ReadRollupOptions, 'unsettledMs' | 'together'>;
}

const SETTLE_MS = 5 * 60_000;

interface Write extends RecordOptions {
  readonly batch: Batch;
}

/**
 * Opens the store in a ClickHouse database, which any number of collectors share.
 *
 * Rejects with a `StoreError` if the database can't be used, and with a `StoreUnavailable` if ClickHouse does not
 * respond. Which events are repeats is known only when they are read: `record` counts those of one group.
 */
export async function openClickHouseStore(
  address: ClickHouseAddress,
  { password, time, onFailure = () => {}, settleMs = SETTLE_MS, counting }: ClickHouseOptions,
): Promise<Store> {
  const { database } = address;
  await prepareDatabase({ ...address, password });
  const to = (use: Use) =>
    connect({ ...address, password, use, onFailure: (error) => onFailure(use, error) });
  const inserts = to('insert');
  const reads = to('read');
  const counts = to('count');
  const checks = to('check');
  const removals = to('remove');
  const add = groupWrites<Write>({
    time,
    // A batch of which all events were refused takes memory too.
    size: ({ batch }) => Math.max(1, batch.events.length),
    write: (writes) => writeGroup(inserts, { database, writes }),
  });
  const readRollup = rollupReader(reads, { database, counts, time, ...counting });
  let checking: Promise<unknown> | undefined;

  return {
    async record(batch, { receivedAt }) {
      await add({ batch, receivedAt });
      const accepted = new Set(batch.events.map(({ messageId }) => messageId)).size;
      return { accepted, duplicates: batch.events.length - accepted };
    },
    read: async (work) => work(await readRollup()),
    async events({ after, limit }) {
      if (after !== '') await assertPlace(reads, { database, after });
      const rows = await reads.query(eventsQuery(database), { after: messageHex(after), limit });
      return rows.map(storedEvent);
    },
    importEvents: (events) => importGroup(inserts, { database, events, reads, time }),
    removeEvents: eventRemover(removals, { database, settleMs }),
    async check() {
      checking ??= checks.query(`SELECT count() FROM ${database}.outcome`).finally(() => {
        checking = undefined;
      });
      await checking;
    },
    /** A restart does not bring ClickHouse back. */
    checkProcess: async () => {},
    async close() {
      const connections = [inserts, reads, counts, checks, removals];
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

/** Rejects with a `PlaceError` if there is no such message. Those of removed events still have a row. */
async function assertPlace(
  connection: Connection,
  { database, after }: { readonly database: string; readonly after: string },
): Promise<void> {
  const rows = await connection.query(
    `SELECT 1 FROM ${database}.event WHERE message_id = unhex({after: String}) LIMIT 1`,
    { after: messageHex(after) },
  );
  if (rows.length === 0) throw new PlaceError();
}

interface GroupOptions {
  readonly database: string;
  readonly writes: readonly Write[];
}

/** Stores events, and then counts what was received. A sender repeats what was not acknowledged. */
async function writeGroup(
  connection: Connection,
  { database, writes }: GroupOptions,
): Promise<void> {
  const events = writes.flatMap(({ batch, receivedAt }) =>
    batch.events.map((event) => ({ event, receivedAt })),
  );
  const outcomes = new Map<string, number>([['received', events.length]]);
  for (const [reason, count] of writes.flatMap(({ batch }) => [...batch.refused])) {
    outcomes.set(reason, (outcomes.get(reason) ?? 0) + count);
  }
  await insertEvents(connection, { database, events });
  await insertOutcomes(connection, { database, outcomes });
}

/** In the order of the messages' bytes, because a replica can store an event after a later one. */
function eventsQuery(database: string): string {
  return `
    SELECT hex(message_id) AS message, hex(user_id) AS user, source, name, timestamp, day, received_at
    FROM ${database}.event FINAL
    WHERE message_id > unhex({after: String}) AND removed = 0
    ORDER BY message_id LIMIT {limit: UInt32}`;
}
