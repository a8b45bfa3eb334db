import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { StoreUnavailable } from '../store.ts';
import type { ClickHouseAddress } from './address.ts';

export interface ConnectOptions extends ClickHouseAddress {
  readonly password: string;
  /** Called when ClickHouse begins to fail, and with `undefined` when it is back. */
  readonly onFailure: (error: unknown) => void;
}

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

/** A sender waits no longer for its acknowledgement, in milliseconds. */
const TIMEOUT_MS = 10_000;
const MAX_SOCKETS = 8;

/** Creates the client. It connects with the first query. */
export function connect({ url, user, password, onFailure }: ConnectOptions): Connection {
  const client = createClient({
    url,
    username: user,
    password,
    application: 'kusk-collector',
    request_timeout: TIMEOUT_MS,
    max_open_connections: MAX_SOCKETS,
    compression: { request: true },
    // The response then has the status of the whole query, and each insert is acknowledged by itself.
    clickhouse_settings: { wait_end_of_query: 1, async_insert: 0 },
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
