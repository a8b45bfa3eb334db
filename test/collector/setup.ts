import { createApp } from '../../src/collector/app.ts';
import type { Batch } from '../../src/collector/ingest/batch.ts';
import { byteBudget } from '../../src/collector/ingest/byte-budget.ts';
import { measureStore } from '../../src/collector/measure-store.ts';
import { collectorMetrics } from '../../src/collector/metrics.ts';
import { pageCookie } from '../../src/collector/pages/access.ts';
import {
  openSqliteStore,
  type SqliteOptions,
} from '../../src/collector/store/sqlite/sqlite-store.ts';
import type { Store, StoredEvent } from '../../src/collector/store/store.ts';
import type { EventName, Message, TelemetryEvent } from '../../src/event.ts';
import { systemTime } from '../../src/runtime/time.ts';
import { keyChecker } from '../../src/web/keys.ts';

export const WRITE_KEY = 'write-key-1';
export const NOW = Date.parse('2026-11-23T12:00:00Z');

/** Returns a hash like that of a machine, cluster or session. */
export function hash(subject: string): string {
  return Buffer.from(subject).toString('hex').padEnd(64, '0');
}

export interface EventOptions {
  readonly messageId?: string;
  readonly subject?: string;
  readonly source?: TelemetryEvent['event'];
  readonly name?: EventName;
  readonly timestamp?: string;
}

export function anEvent(options: EventOptions = {}): TelemetryEvent {
  const { messageId = 'message-1', subject = 'a', source = 'kusk-gateway' } = options;
  const { name = 'heartbeat', timestamp = '2026-11-23T11:42:41.213Z' } = options;
  const userId = hash(subject);
  const message: Message = {
    messageId,
    anonymousId: userId,
    userId,
    event: source,
    properties: { event: name },
    timestamp,
  };
  return message as TelemetryEvent;
}

export function aBatch(events: readonly TelemetryEvent[]): Batch {
  return { events, refused: new Map() };
}

/** Opens a store in SQLite. */
export function aStore(
  file = ':memory:',
  options: Pick<SqliteOptions, 'countedTogether'> = {},
): Store {
  return openSqliteStore(file, { time: systemTime, ...options });
}

/** Resolves with what became of the events that a store received. */
export async function outcomesOf(store: Store): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries(await store.read((snapshot) => snapshot.outcomes()));
}

/** Resolves with the first events of a store. */
export async function eventsOf(store: Store): Promise<readonly StoredEvent[]> {
  return await store.events({ after: '', limit: 10_000 });
}

export interface CollectorOptions {
  readonly readKey?: string;
  readonly isPublic?: boolean;
  readonly maxPerSecond?: number;
  readonly maxBodyBytes?: number;
  /** The time, in milliseconds since the epoch. `NOW` by default. */
  readonly now?: () => number;
  /** The database file. In memory by default. */
  readonly file?: string;
  /** Another store in its place. */
  readonly store?: Store;
  /** Called with each line of level debug. */
  readonly onDebug?: (fields: object, message: string) => void;
}

/** Creates a collector without a port, with a store in memory and a log that the test reads. */
export function collector(options: CollectorOptions = {}) {
  const { readKey, file = ':memory:' } = options;
  const budget = byteBudget({ maxBytes: options.maxBodyBytes ?? 16 * 1024 * 1024 });
  const metrics = collectorMetrics(budget);
  const store = options.store ?? aStore(file);
  const logged: string[] = [];
  function append(fields: object, message: string): void {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  }
  const app = createApp({
    store: measureStore(store, { ...metrics, steady: systemTime.steady }),
    metrics,
    budget,
    isWriteKey: keyChecker([WRITE_KEY, 'write-key-2']),
    isReadKey: readKey === undefined ? undefined : keyChecker([readKey]),
    isPageCookie: readKey === undefined ? undefined : keyChecker([pageCookie(readKey)]),
    isPublic: options.isPublic,
    maxPerSecond: options.maxPerSecond ?? 1_000,
    time: { ...systemTime, now: options.now ?? (() => NOW) },
    log: { debug: options.onDebug ?? (() => {}), info: append, warn: append, error: append },
  });

  async function post(path: string, { body, headers = {} }: PostOptions) {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await app.request(path, {
      method: 'POST',
      headers: { Authorization: basic(WRITE_KEY), ...headers },
      body: isRaw ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body),
    });
    const result = (await response.json()) as PostResult;
    return { status: response.status, headers: response.headers, result };
  }

  async function get(path: string, headers: Record<string, string> = {}) {
    const response = await app.request(path, { headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  return { app, store, logged, post, get };
}

/** The body of the response to a POST. */
export interface PostResult {
  readonly success: boolean;
  readonly code?: string;
  readonly message?: string;
}

export interface PostOptions {
  /** Sent unchanged if text or bytes, else as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function basic(key: string): string {
  return `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
}
