import type { Time } from '../../../runtime/time.ts';
import type { Batch } from '../../ingest/batch.ts';
import { rollupSnapshot } from '../rollup-snapshot.ts';
import {
  type ArrivedEvent,
  type Recorded,
  type RecordOptions,
  type Store,
  StoreError,
} from '../store.ts';
import type { ClickHouseAddress } from './address.ts';
import { type Connection, connect } from './connection.ts';
import { groupWrites } from './group-writes.ts';
import { prepareDatabase } from './prepare-database.ts';
import { rollupReader } from './read-rollup.ts';
import { eventRemover } from './remove-events.ts';
import { EVENT_COLUMNS, eventRow, messageHex, storedEvent } from './rows.ts';

export interface ClickHouseOptions {
  readonly password: string;
  readonly time: Pick<Time, 'after'>;
  /** Called when ClickHouse begins to fail, and with `undefined` when it is back. */
  readonly onFailure?: (error: unknown) => void;
}

interface Write extends RecordOptions {
  readonly batch: Batch;
}

/**
 * Opens the store in a ClickHouse database, which any number of collectors share.
 *
 * Rejects with a `StoreError` if the database can't be used. Which events are repeats is known only when
 * they are read: `record` counts those of one group.
 */
export async function openClickHouseStore(
  address: ClickHouseAddress,
  { password, time, onFailure = () => {} }: ClickHouseOptions,
): Promise<Store> {
  const { database } = address;
  const connection = connect({ ...address, password, onFailure });
  await prepare(connection, address);
  const add = groupWrites<Write>({
    time,
    write: (writes) => writeGroup(connection, { database, writes }),
  });
  const readRollup = rollupReader(connection, { database });

  return {
    async record(batch, { receivedAt }) {
      await add({ batch, receivedAt });
      const accepted = new Set(batch.events.map(({ messageId }) => messageId)).size;
      return { accepted, duplicates: batch.events.length - accepted };
    },
    read: async (work) => work(rollupSnapshot(await readRollup())),
    async events({ after, limit }) {
      const rows = await connection.query(eventsQuery(database), {
        after: messageHex(after),
        limit,
      });
      return rows.map(storedEvent);
    },
    importEvents: (events) => importGroup(connection, { database, events }),
    removeEvents: eventRemover(connection, { database }),
    async check() {
      await connection.query(`SELECT count() FROM ${database}.outcome`);
    },
    close: () => connection.close(),
  };
}

async function prepare(connection: Connection, address: ClickHouseAddress): Promise<void> {
  try {
    await prepareDatabase(connection, address);
  } catch (error) {
    await connection.close();
    if (error instanceof StoreError) throw error;
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new StoreError(
      `ClickHouse at ${address.url} cannot be used: ${reason instanceof Error ? reason.message : reason}`,
      { cause: error },
    );
  }
}

interface GroupOptions {
  readonly database: string;
  readonly writes: readonly Write[];
}

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
  await insertEvents(connection, { database, events, outcomes });
}

/** Imports are rare, so that they can look for what is stored already. */
async function importGroup(
  connection: Connection,
  { database, events }: { readonly database: string; readonly events: readonly ArrivedEvent[] },
): Promise<Recorded> {
  const ids = [...new Set(events.map(({ event }) => messageHex(event.messageId)))];
  // Hex only. A parameter of this size would not fit into the address of the request.
  const list = `arrayJoin(splitByChar(',', '${ids.join(',')}'))`;
  const [row] = await connection.query(
    `SELECT uniqExact(message_id) AS count FROM ${database}.event
    WHERE message_id IN (SELECT unhex(${list}))`,
  );
  const accepted = ids.length - Number(row?.count);
  const outcomes = new Map([['received', accepted]]);
  if (accepted > 0) await insertEvents(connection, { database, events, outcomes });
  return { accepted, duplicates: events.length - accepted };
}

interface InsertEventsOptions {
  readonly database: string;
  readonly events: readonly ArrivedEvent[];
  readonly outcomes: ReadonlyMap<string, number>;
}

/** Stores the first of the messages that have one id, and then counts what was received. */
async function insertEvents(
  connection: Connection,
  { database, events, outcomes }: InsertEventsOptions,
): Promise<void> {
  const rows = new Map<string, object>();
  for (const { event, receivedAt } of events) {
    if (!rows.has(event.messageId)) rows.set(event.messageId, eventRow(event, { receivedAt }));
  }
  const table = `${database}.event`;
  const insert = { table, columns: EVENT_COLUMNS, rows: [...rows.values()] };
  if (rows.size > 0) await connection.insert(insert);
  await connection.insert({
    table: `${database}.outcome`,
    columns: ['name', 'count'],
    rows: [...outcomes].map(([name, count]) => ({ name, count })),
  });
}

/** In the order of the messages' bytes, because a replica can store an event after a later one. */
function eventsQuery(database: string): string {
  return `
    SELECT hex(message_id) AS message, hex(user_id) AS user, source, name, timestamp, day, received_at
    FROM ${database}.event FINAL
    WHERE message_id > unhex({after: String}) AND removed = 0
    ORDER BY message_id LIMIT {limit: UInt32}`;
}
