import { isIPv4 } from 'node:net';
import type { Environment } from '../runtime/environment.ts';
import { parseHostPort } from '../runtime/host-port.ts';
import { LOG_LEVELS, type LogLevel } from '../runtime/log-level.ts';
import { FlagError, flagValues } from './flag-values.ts';
import { type ClickHouseAddress, parseClickHouseAddress } from './store/clickhouse/address.ts';

/** The settings of the collector, from its flags and environment. */
export interface CollectorConfig {
  /** `undefined` for all addresses of the machine. */
  readonly host: string | undefined;
  readonly port: number;
  /** A file, or `:memory:`. Not used if there is a `clickHouse`. */
  readonly database: string;
  readonly clickHouse: ClickHouseAddress | undefined;
  readonly writeKeys: readonly string[];
  readonly readKey: string | undefined;
  /** Whether the pages are shown without the read key. Then there is a `readKey`. */
  readonly isPublic: boolean;
  readonly maxPerSecond: number;
  readonly logLevel: LogLevel;
  /** How long single events are kept. For ever if `undefined`. */
  readonly keepDays: number | undefined;
}

export interface FlagOptions {
  /** The process's environment. */
  readonly env: Environment;
}

const SAFE_READ_KEY_CHARACTERS = 16;

/** What the log says of a read key that `isGuessable`. */
export const GUESSABLE_READ_KEY = `the read key has fewer than ${SAFE_READ_KEY_CHARACTERS} characters and can be guessed: write what "openssl rand -hex 16" prints`;

const DEFAULT_DATABASE = './kusk-collector.db';

export const COLLECTOR_FLAGS = {
  listen: { type: 'string' },
  database: { type: 'string' },
  store: { type: 'string' },
  'write-key': { type: 'string', multiple: true },
  'read-key': { type: 'string' },
  public: { type: 'boolean', default: false },
  'max-requests': { type: 'string', default: '1000' },
  'keep-events': { type: 'string' },
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} as const;

/**
 * Parses the arguments, without the program's own name, and the environment.
 *
 * Returns `help` or `version` if that is to be printed. Throws a `FlagError` or a `StoreError` for a wrong flag.
 */
export function parseFlags(
  args: readonly string[],
  { env }: FlagOptions,
): 'help' | 'version' | CollectorConfig {
  const { values } = flagValues(args, { flags: COLLECTOR_FLAGS, command: 'kusk-collector' });
  if (values.help) return 'help';
  if (values.version) return 'version';
  const { host, port } = listenAddressIn(
    (values.listen ?? env.COLLECTOR_LISTEN)?.trim() || '127.0.0.1:8090',
  );
  const { public: isPublic } = values;
  const readKey = readKeyIn(values['read-key'] ?? env.COLLECTOR_READ_KEY, { host, isPublic });
  const writeKeys = writeKeysIn([
    ...(values['write-key'] ?? []),
    ...(env.COLLECTOR_WRITE_KEY?.split(',') ?? []),
  ]);
  const maxPerSecond = rateIn(values['max-requests']);
  const keepDays = daysIn(values['keep-events'] ?? env.COLLECTOR_KEEP_EVENTS);
  const logLevel = logLevelIn(env.LOG_LEVEL);
  const places = storesIn(values, { env });
  return Object.freeze({
    host,
    port,
    ...places,
    writeKeys,
    readKey,
    isPublic,
    maxPerSecond,
    logLevel,
    keepDays,
  });
}

/** Without a host it is loopback. */
function listenAddressIn(text: string): Pick<CollectorConfig, 'host' | 'port'> {
  const parsed = parseHostPort(text);
  if (parsed?.host === '*') return { host: undefined, port: parsed.port };
  if (parsed) return { host: parsed.host ?? '127.0.0.1', port: parsed.port };
  throw new FlagError(`--listen must be HOST:PORT, as in 127.0.0.1:8090, not "${text}".`);
}

function writeKeysIn(texts: readonly string[]): readonly string[] {
  const keys = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (keys.length === 0) throw new FlagError('Add --write-key KEY or set COLLECTOR_WRITE_KEY.');
  for (const key of keys) assertKey(key, { flag: '--write-key' });
  return keys;
}

function readKeyIn(
  text = '',
  { host, isPublic }: Pick<CollectorConfig, 'host' | 'isPublic'>,
): string | undefined {
  const key = text.trim();
  if (key !== '') {
    assertKey(key, { flag: '--read-key' });
    return key;
  }
  const advice = 'add --read-key KEY or set COLLECTOR_READ_KEY.';
  if (!isLoopback(host)) {
    throw new FlagError(`--listen lets other machines read the numbers: ${advice}`);
  }
  // Behind a proxy, everybody reaches loopback.
  if (isPublic) throw new FlagError(`--public would show single events too: ${advice}`);
  return undefined;
}

/** Whether only this machine can connect to the host. */
function isLoopback(host: string | undefined): boolean {
  if (host === undefined) return false;
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/**
 * A colon would end the key in Basic authentication. The message leaves the key out because it is a
 * secret.
 */
function assertKey(key: string, { flag }: { readonly flag: string }): void {
  if (/^[!-~]+$/.test(key) && !/[:,]/.test(key)) return;
  throw new FlagError(`${flag} must be printable ASCII without blanks, commas and colons.`);
}

function rateIn(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new FlagError(`--max-requests must be a whole number above 0, not "${text}".`);
}

interface StoreValues {
  readonly store?: string | undefined;
  readonly database?: string | undefined;
}

/** Returns where the events are. Throws a `StoreError` for a wrong address. */
export function storesIn(
  values: StoreValues,
  { env }: FlagOptions,
): Pick<CollectorConfig, 'database' | 'clickHouse'> {
  const store = (values.store ?? env.COLLECTOR_STORE ?? '').trim();
  if (store !== '' && values.database !== undefined) {
    throw new FlagError('Write --store or --database, not both.');
  }
  return {
    database: databaseIn(values, { env }),
    clickHouse: store === '' ? undefined : parseClickHouseAddress(store),
  };
}

/** Returns the SQLite file. An environment variable that is blank is not set. */
export function databaseIn(
  { database }: Pick<StoreValues, 'database'>,
  { env }: FlagOptions,
): string {
  return database ?? (env.COLLECTOR_DATABASE?.trim() || DEFAULT_DATABASE);
}

function daysIn(text = ''): number | undefined {
  if (text.trim() === '') return undefined;
  if (/^[1-9]\d{0,4}$/.test(text.trim())) return Number(text);
  throw new FlagError(
    `--keep-events must be a whole number of days from 1 to 99999, not "${text}".`,
  );
}

function logLevelIn(text = ''): LogLevel {
  const wanted = text.trim().toLowerCase() || 'info';
  const level = LOG_LEVELS.find((candidate) => candidate === wanted);
  if (level !== undefined) return level;
  throw new FlagError(`LOG_LEVEL is "${text}": write one of ${LOG_LEVELS.join(', ')}.`);
}

/** Requests with a key in a header are not limited, so that no stranger can lock readers out. */
export function isGuessable(readKey: string): boolean {
  return readKey.length < SAFE_READ_KEY_CHARACTERS;
}
