import { ClickHouseError } from '@clickhouse/client';
import { messageOf } from '../../../runtime/message-of.ts';
import { StoreError, StoreUnavailable } from '../store.ts';
import type { ClickHouseAddress } from './address.ts';
import { type Connection, connect } from './connection.ts';
import { INDEXES, MIGRATIONS, SCHEMA_VERSION } from './schema.ts';

/**
 * Creates the database and its tables, or migrates them. Replicas can do so at the same time.
 *
 * Rejects with a `StoreError` if a newer version has written them or ClickHouse refuses to, and with a
 * `StoreUnavailable` if it does not respond.
 */
export async function prepareDatabase(
  address: ClickHouseAddress & { readonly password: string },
): Promise<void> {
  const connection = connect({ ...address, use: 'prepare' });
  try {
    await migrate(connection, address);
    await addIndexesIfAllowed(connection, address);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const { cause } = error;
    const message = `ClickHouse at ${address.url} cannot be used: ${messageOf(cause)}`;
    // Its own errors are those of rights, passwords and names, which stay.
    if (cause instanceof ClickHouseError) throw new StoreError(message, { cause });
    throw new StoreUnavailable(message, { cause });
  } finally {
    await connection.close();
  }
}

async function migrate(
  connection: Connection,
  { database }: Pick<ClickHouseAddress, 'database'>,
): Promise<void> {
  const [exists] = await connection.query(
    `SELECT 1 FROM system.databases WHERE name = '${database}'`,
  );
  // Only then, because the user may lack the right to create databases.
  if (!exists) await connection.command(`CREATE DATABASE IF NOT EXISTS ${database}`);
  await connection.command(
    `CREATE TABLE IF NOT EXISTS ${database}.kusk_collector_schema (version UInt32)
    ENGINE = MergeTree ORDER BY version`,
  );
  const [row] = await connection.query(
    `SELECT max(version) AS version FROM ${database}.kusk_collector_schema`,
  );
  const found = Number(row?.version);
  if (found > SCHEMA_VERSION) {
    throw new StoreError(
      `The database ${database} was written by a newer version (schema ${found}, this one has ${SCHEMA_VERSION}): update kusk-collector.`,
    );
  }
  for (let version = found; version < SCHEMA_VERSION; version += 1) {
    for (const statement of MIGRATIONS[version]?.(database) ?? []) {
      await connection.command(statement);
    }
    await connection.insert({
      table: `${database}.kusk_collector_schema`,
      columns: ['version'],
      rows: [{ version: version + 1 }],
    });
  }
}

/** ClickHouse's code for a missing right. */
const ACCESS_DENIED = '497';

/** Without the right to alter the table, events are counted without the indexes, which takes longer. */
async function addIndexesIfAllowed(
  connection: Connection,
  address: Pick<ClickHouseAddress, 'database'>,
): Promise<void> {
  try {
    await addIndexes(connection, address);
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown };
    if (!(cause instanceof ClickHouseError) || cause.code !== ACCESS_DENIED) throw error;
  }
}

/** Parts that are there already get an index in the background. Until then queries read them as before. */
async function addIndexes(
  connection: Connection,
  { database }: Pick<ClickHouseAddress, 'database'>,
): Promise<void> {
  // Every user may read this table, but not that of the indexes.
  const [table] = await connection.query(
    `SELECT create_table_query AS text FROM system.tables WHERE database = '${database}' AND name = 'event'`,
  );
  for (const [name, index] of Object.entries(INDEXES)) {
    if (String(table?.text).includes(`INDEX ${name} `)) continue;
    await connection.command(
      `ALTER TABLE ${database}.event ADD INDEX IF NOT EXISTS ${name} ${index}`,
    );
    await connection.command(`ALTER TABLE ${database}.event MATERIALIZE INDEX ${name}`);
  }
}
