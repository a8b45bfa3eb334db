import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { StoreUnavailable } from '../store.ts';
import type { ClickHouseAddress } from './address.ts';

export interface ConnectOptions extends ClickHouseAddress {
  readonly password: string;
  readonly use: Use;
  /** Called when ClickHouse begins to fail, and with `undefined` when it is back. */
  readonly onFailure?: (error: unknown) => void;
}

/** What a connection is for. None waits for the others: each has sockets and a timeout of its own. */
export type Use = keyof typeof USES;

export interface InsertOptions {
  readonly table: string;
  readonly columns: readonly [string, ...string[]];
  readonly rows: readonly object[];
}

/** ClickHouse's HTTP interface. Every method rejects with a `StoreUnavailable` if ClickHouse does not do it. */
export interface Connection {
  readonly query: (
    query: string,
    parameters?: object,
  ) => Promise<readonly Record<string, unknown>[]>;
  readonly command: (query: string, parameters?: object) => Promise<void>;
  readonly insert: (options: InsertOptions) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Timeouts are in milliseconds. */
const USES = {
  prepare: { request_timeout: 10_000, max_open_connections: 1 },
  /** A sender waits no longer for its acknowledgement. */
  insert: { request_timeout: 10_000, max_open_connections: 4 },
  read: { request_timeout: 10_000, max_open_connections: 4 },
  /** The first read of the numbers counts all events. */
  count: { request_timeout: 5 * 60_000, max_open_connections: 1 },
  /** Shorter than the three seconds that the chart leaves to a readiness probe. */
  check: { request_timeout: 2_000, max_open_connections: 1 },
  /** One statement goes over all events. */
  remove: { request_timeout: 15 * 60_000, max_open_connections: 1 },
} as const;

/** Creates the client. It connects with the first query. */
export function connect(options: ConnectOptions): Connection {
  const { url, user, password, use, onFailure = () => {} } = options;
  const client = createClient({
    url,
    username: user,
    password,
    application: 'kusk-collector',
    ...USES[use],
    compression: { request: true },
    // The response then has the status of the whole query, and each insert is acknowledged by itself.
    // A replicated table would drop an insert that equals one before it, as those of counts do.
    clickhouse_settings: { wait_end_of_query: 1, async_insert: 0, insert_deduplicate: 0 },
    log: { level: ClickHouseLogLevel.OFF },
  });
  let isFailing = false;

  function note(error?: unknown): void {
    const wasFailing = isFailing;
    isFailing = error !== undefined;
    if (isFailing !== wasFailing) onFailure(error);
  }

  async function attempt<T>(work: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    try {
      const result = await work(client);
      note();
      return result;
    } catch (error) {
      note(error);
      throw new StoreUnavailable('ClickHouse is unavailable: send it again.', { cause: error });
    }
  }

  return {
    query: (query, parameters = {}) =>
      attempt(async () => {
        const query_params = { ...parameters };
        const result = await client.query({ query, query_params, format: 'JSONEachRow' });
        return await result.json<Record<string, unknown>>();
      }),
    command: (query, parameters = {}) =>
      attempt(async () => void (await client.command({ query, query_params: { ...parameters } }))),
    insert: ({ table, columns, rows }) =>
      attempt(async () => {
        const names: [string, ...string[]] = [...columns];
        await client.insert({ table, columns: names, values: rows, format: 'JSONEachRow' });
      }),
    close: () => client.close(),
  };
}
