import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Environment } from '../runtime/environment.ts';
import { messageOf } from '../runtime/message-of.ts';
import type { Time } from '../runtime/time.ts';
import type { Log } from './app.ts';
import type { CollectorConfig } from './flags.ts';
import { logMigration } from './log-migration.ts';
import type { OpenLaterOptions } from './open-later.ts';
import type { Use } from './store/clickhouse/connection.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import { type Store, StoreError } from './store/store.ts';

export interface OpenStoreOptions {
  /** Whether a file that does not exist is an error. */
  readonly mustExist?: boolean;
  /** Called when a store fails, and when that is over. Absent if this process has no senders. */
  readonly failures?: Pick<StoreLog, 'onFull' | 'onFailure'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly time: Pick<Time, 'now' | 'steady' | 'after'>;
  /** Has the password of ClickHouse. */
  readonly env: Environment;
}

/**
 * Opens the store that is configured. Rejects with a `StoreError` if it can't be used, and with a
 * `StoreUnavailable` if it doesn't respond.
 */
export async function openStore(
  { database, clickHouse }: Pick<CollectorConfig, 'database' | 'clickHouse'>,
  { log, time, env, mustExist = false, failures }: OpenStoreOptions,
): Promise<Store> {
  if (clickHouse === undefined) {
    if (mustExist && !existsSync(database)) {
      throw new StoreError(`${database} does not exist: name the file with --database FILE.`);
    }
    return openSqliteStore(database, {
      time,
      onMigration: logMigration({ log, time }),
      ...(failures && { onFull: failures.onFull }),
    });
  }
  // Loaded only if it is used.
  const { openClickHouseStore } = await import('./store/clickhouse/clickhouse-store.ts');
  return await openClickHouseStore(clickHouse, {
    password: await passwordIn(env),
    time,
    ...(failures && { onFailure: failures.onFailure }),
  });
}

/** What logs how the store of a collector is. */
export interface StoreLog extends Pick<OpenLaterOptions, 'onAway' | 'onBack'> {
  readonly onFull: (error: unknown) => void;
  readonly onFailure: (use: Use, error: unknown) => void;
}

export function storeLog(log: Logs): StoreLog {
  return {
    onAway: ({ message }) =>
      log.warn({ reason: message }, 'the store is away: senders get 503 until it is there'),
    onBack: () => log.info({}, 'the store is there'),
    onFull: (error) => logFull(log, { error }),
    onFailure: (use, error) => logFailure(log, { use, error }),
  };
}

interface Failure {
  readonly use: Use;
  /** `undefined` if it is over. */
  readonly error: unknown;
}

type Logs = OpenStoreOptions['log'];

/** Removals have a line of their own, and the start has another. */
const IS_OVER: Partial<Record<Use, (log: Logs) => void>> = {
  insert: (log) => log.info({}, 'ClickHouse is back'),
  read: (log) => log.info({}, 'ClickHouse can be read again'),
  count: (log) => log.info({}, 'ClickHouse counts events again'),
  check: (log) => log.info({}, 'ClickHouse responds again'),
};
const HAS_BEGUN: Partial<Record<Use, (log: Logs, err: unknown) => void>> = {
  insert: (log, err) => log.warn({ err }, 'ClickHouse fails: senders get 503 until it is back'),
  read: (log, err) => log.warn({ err }, 'ClickHouse cannot be read: pages get 503'),
  count: (log, err) => log.warn({ err }, 'ClickHouse does not count events: pages get 503'),
  check: (log, err) => log.warn({ err }, 'ClickHouse does not respond: /readyz is 503'),
};

function logFailure(log: Logs, { use, error }: Failure): void {
  if (error === undefined) IS_OVER[use]?.(log);
  else HAS_BEGUN[use]?.(log, error);
}

function logFull(log: Logs, { error }: Pick<Failure, 'error'>): void {
  if (error === undefined) log.info({}, 'there is room on the disk again');
  else log.warn({ err: error }, 'the disk is full: senders get 503 until there is room');
}

async function passwordIn(env: Environment): Promise<string> {
  const { COLLECTOR_STORE_PASSWORD: password, COLLECTOR_STORE_PASSWORD_FILE: file } = env;
  if (password || !file) return password ?? '';
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new StoreError(`COLLECTOR_STORE_PASSWORD_FILE cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
