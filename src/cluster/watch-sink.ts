import type { Kind, Sighting } from '../event.ts';
import type { BackoffOptions } from '../runtime/backoff.ts';
import type { Time } from '../runtime/time.ts';
import type { KubeRequest } from './connect.ts';
import type { Discover } from './discover.ts';
import type { ListSink } from './list-sink.ts';
import type { ObjectReader } from './object-reader.ts';
import type { Recovery } from './recovery.ts';

/**
 * Receives the data of lists and watches, and holds the cursor of each kind.
 *
 * Methods that return a promise apply back-pressure: the next event is read after they resolve.
 */
export interface WatchSink<Item extends Sighting = Sighting> {
  /** Returns the resourceVersion from which to watch a kind; `undefined` if it must be listed. */
  readonly start: (kind: Kind) => string | undefined;
  /**
   * Returns the resourceVersion at which consent began; `undefined` if the resources of that moment
   * are recorded already.
   */
  readonly consentRevision: (kind: Kind) => string | undefined;
  /** Begins a list at the consent revision. */
  readonly listedAtConsent: (kind: Kind) => ListSink<Item>;
  /** Begins a list of the present. */
  readonly listing: (kind: Kind) => ListSink<Item>;
  readonly added: (item: Item) => Promise<void>;
  /** Called with each change of an object, if the reader reads changes. */
  readonly modified?: (item: Item) => void;
  /** Records a deletion. If no list has shown the resource, its creation may have been missed. */
  readonly deleted: (item: Item) => Promise<void>;
  /**
   * Moves the cursor: everything up to this resourceVersion was passed on. It is `undefined` after
   * a list without a usable resourceVersion; only another list shows later changes.
   */
  readonly progressed: (kind: Kind, resourceVersion: string | undefined) => void;
  /**
   * Records that the kind does not exist at present. `at` is when that was found first, by the API
   * server's clock, in whole seconds since the epoch.
   */
  readonly absent: (kind: Kind, at: number) => void;
}

/** Receives the health of the loop that follows each kind. */
export interface WatchMonitor {
  /** Called when the state of a kind's watch is observed, also if it is unchanged. */
  readonly became: (kind: Kind, state: WatchState, error?: unknown) => void;
  /** Called when a watch is about to begin again, with the reason. */
  readonly restarted: (kind: Kind, reason: RestartReason) => void;
  /**
   * Called each time that the loop makes progress. `pauseMs` is the pause that the API server has
   * requested, in milliseconds; the loop is alive during that pause.
   */
  readonly turned: (kind: Kind, pauseMs?: number) => void;
}

export type WatchState = 'watching' | 'missing' | 'failing';
export type RestartReason = 'ended' | 'silent' | 'restored' | 'expired' | 'gone' | 'error';

export interface ReflectOptions<Item extends Sighting = Sighting> {
  readonly request: KubeRequest;
  readonly reader: ObjectReader<Item>;
  readonly discover: Discover;
  readonly sink: WatchSink<Item>;
  readonly monitor: WatchMonitor;
  readonly time: Time;
  readonly backoff: BackoffOptions;
  readonly recovery: Recovery;
  /** How often to look for a kind that does not exist yet, in milliseconds. */
  readonly rediscoverMs: number;
  /** How long a watch may be idle before it is closed, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** The shortest requested duration of a watch, in milliseconds. Jitter at most doubles it. */
  readonly watchMs: number;
  /** How old a list may be before the kind is listed again as a safety net, in milliseconds. */
  readonly relistMs: number;
}

/** How each kind is listed and watched, in milliseconds. `retry` is for `backoff`. */
export const WATCHING = {
  rediscoverMs: 5_000,
  idleTimeoutMs: 90_000,
  watchMs: 300_000,
  relistMs: 600_000,
  retry: { baseMs: 500, capMs: 30_000 },
} as const;
