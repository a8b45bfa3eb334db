import { StoreError } from '../store.ts';

/** Where a ClickHouse database is. It has no password. */
export interface ClickHouseAddress {
  /** Of its HTTP interface. */
  readonly url: string;
  readonly user: string;
  readonly database: string;
}

const EXAMPLE = 'clickhouse://USER@HOST:8123/DATABASE';
/** By the scheme of the address. */
const PROTOCOLS: Readonly<Record<string, { readonly scheme: string; readonly port: string }>> = {
  'clickhouse:': { scheme: 'http', port: '8123' },
  'clickhouses:': { scheme: 'https', port: '8443' },
};

/**
 * Parses `clickhouse://USER@HOST:8123/DATABASE`, or `clickhouses://` for TLS.
 *
 * Throws a `StoreError` that says what to write, and repeats nothing that can be a password.
 */
export function parseClickHouseAddress(text: string): ClickHouseAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const protocol = PROTOCOLS[url?.protocol ?? ''];
  if (url === undefined || protocol === undefined || url.hostname === '') {
    throw new StoreError(`--store must be ${EXAMPLE}, or clickhouses:// for TLS.`);
  }
  if (url.password !== '') {
    throw new StoreError(
      '--store must not have a password: set COLLECTOR_STORE_PASSWORD or COLLECTOR_STORE_PASSWORD_FILE.',
    );
  }
  return {
    url: `${protocol.scheme}://${url.hostname}:${url.port || protocol.port}`,
    user: userIn(url),
    database: databaseIn(url),
  };
}

function userIn({ username }: URL): string {
  try {
    return decodeURIComponent(username) || 'default';
  } catch (error) {
    throw new StoreError(`--store must have % only as in %40: ${EXAMPLE}.`, { cause: error });
  }
}

function databaseIn({ pathname, search, hash }: URL): string {
  const [, database] = /^\/([A-Za-z_]\w{0,62})$/.exec(pathname) ?? [];
  if (database !== undefined && search === '' && hash === '') return database;
  throw new StoreError(`--store must end with /DATABASE, of letters, digits and _: ${EXAMPLE}.`);
}
