import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseClickHouseAddress } from '../../../src/collector/store/clickhouse/address.ts';
import { openClickHouseStore } from '../../../src/collector/store/clickhouse/clickhouse-store.ts';
import { type Connection, connect } from '../../../src/collector/store/clickhouse/connection.ts';
import { prepareDatabase } from '../../../src/collector/store/clickhouse/prepare-database.ts';
import { EVENT_COLUMNS, eventRow } from '../../../src/collector/store/clickhouse/rows.ts';
import { openDatabase } from '../../../src/collector/store/sqlite/database.ts';
import { readNames } from '../../../src/collector/store/sqlite/names.ts';
import { openSqliteStore } from '../../../src/collector/store/sqlite/sqlite-store.ts';
import { type Store, StoreUnavailable } from '../../../src/collector/store/store.ts';
import { systemTime } from '../../../src/runtime/time.ts';
import type { Arrival } from './events.ts';

/** What takes the events. */
export interface Target {
  /** Prepares the insert of events. The result is what is measured. */
  readonly prepare: (arrivals: readonly Arrival[]) => () => Promise<void>;
  /** Absent from a bare insert. */
  readonly store?: Store;
  /** Closes it. Resolves with its bytes on the disk. */
  readonly close: () => Promise<number>;
}

/** A request of the greatest size has some more. Also the size of a transaction. */
const BATCH = 1_000;
/** The requests whose events the collector groups to one insert, and the events of a bare one. */
const GROUP = 20_000;
/** Of an insert. */
const ATTEMPTS = 20;
/** Every column of the table, as the collector writes it. */
const INSERT = `
  INSERT INTO event (message_id, user_id, name, timestamp, day, received_at)
  VALUES (?, ?, ?, ?, ?, ?)`;

type OpenTarget = (where: string) => Promise<Target>;

/** By its name: the collector's stores, and what they are measured against. `where` is a folder or an address. */
export const TARGETS: Readonly<Record<string, OpenTarget>> = {
  async sqlite(where) {
    const store = openSqliteStore(join(where, 'sqlite.db'), { time: systemTime });
    return {
      store,
      prepare: (arrivals) => recordOneByOne(store, batchesOf(arrivals, BATCH)),
      async close() {
        await store.close();
        return await bytesOf(where, 'sqlite.db');
      },
    };
  },

  /** The same rows into the same table with its indexes, by one prepared statement. The rows are bytes and numbers already. */
  async 'bare-sqlite'(where) {
    const database = openDatabase(join(where, 'bare.db'), { onProgress: () => {} });
    const insert = database.prepare(INSERT);
    const names = readNames(database);
    const rowOf = ({ event, receivedAt, day }: Arrival) =>
      [
        Buffer.from(event.messageId, 'hex'),
        Buffer.from(event.userId, 'hex'),
        names.named(event.event, event.properties.event).id,
        Date.parse(event.timestamp),
        day,
        receivedAt,
      ] as const;
    return {
      prepare(arrivals) {
        const batches = batchesOf(arrivals, BATCH).map((batch) => batch.map(rowOf));
        return async () => {
          for (const batch of batches) {
            database.exec('BEGIN IMMEDIATE');
            for (const row of batch) insert.run(...row);
            database.exec('COMMIT');
          }
        };
      },
      async close() {
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        database.close();
        return await bytesOf(where, 'bare.db');
      },
    };
  },

  async clickhouse(where) {
    const address = { ...parseClickHouseAddress(where), password: '' };
    const store = await openClickHouseStore(address, { password: '', time: systemTime });
    return {
      store,
      prepare(arrivals) {
        const groups = batchesOf(arrivals, GROUP).map((group) => batchesOf(group, BATCH));
        return async () => {
          for (const group of groups) {
            await Promise.all(group.map((batch) => recordOneByOne(store, [batch])()));
          }
        };
      },
      async close() {
        await store.close();
        const connection = connect({ ...address, use: 'read' });
        const bytes = await bytesIn(connection, address.database);
        await connection.close();
        return bytes;
      },
    };
  },

  /** The same rows into the same table by the official client, in inserts of the same size. */
  async 'bare-clickhouse'(where) {
    const address = { ...parseClickHouseAddress(where), password: '' };
    await prepareDatabase(address);
    const connection = connect({ ...address, use: 'insert' });
    const table = `${address.database}.event`;
    return {
      prepare(arrivals) {
        const groups = batchesOf(arrivals, GROUP).map((group) =>
          group.map(({ event, receivedAt }) => eventRow(event, { receivedAt })),
        );
        return async () => {
          for (const rows of groups)
            await untilStored(() => connection.insert({ table, columns: EVENT_COLUMNS, rows }));
        };
      },
      async close() {
        const bytes = await bytesIn(connection, address.database);
        await connection.close();
        return bytes;
      },
    };
  },
};

function recordOneByOne(store: Store, batches: readonly (readonly Arrival[])[]) {
  const parsed = batches.map((arrivals) => ({
    batch: { events: arrivals.map(({ event }) => event), refused: new Map() },
    receivedAt: arrivals[0]?.receivedAt ?? 0,
  }));
  return async () => {
    for (const { batch, receivedAt } of parsed) {
      await untilStored(() => store.record(batch, { receivedAt }));
    }
  };
}

/** Tries again as a sender does, because a slow disk can take longer than a request may. Each message counts once. */
async function untilStored(insert: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return void (await insert());
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || attempt === ATTEMPTS) throw error;
    }
  }
}

function batchesOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

async function bytesOf(folder: string, name: string): Promise<number> {
  const names = (await readdir(folder)).filter((one) => one.startsWith(name));
  const sizes = await Promise.all(names.map(async (one) => (await stat(join(folder, one))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function bytesIn(connection: Connection, database: string): Promise<number> {
  const [row] = await connection.query(
    `SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = '${database}'`,
  );
  return Number(row?.bytes);
}
