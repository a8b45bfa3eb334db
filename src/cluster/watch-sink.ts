import type { Kind, Sighting } from '../event.ts';
import type { BackoffOptions } from '../runtime/backoff.ts';
import type { Time } from '../runtime/time.ts';
import type { KubeRequest } from './connect.ts';
import type { Discover } from './discover.ts';
import type { ListSink } from './list-sink.ts';
import type { Recovery } from './recovery.ts';

/** Takes in what is seen of the kinds. Each call that gives a promise may wait: back-pressure. */
export interface Observer {
  /** The resourceVersion at which the watch of a kind goes on, if that is known. */
  readonly start: (kind: Kind) => string | undefined;
  /** The resourceVersion at which consent began, if what existed then is not known yet. */
  readonly consentRevision: (kind: Kind) => string | undefined;
  /** A list of that very moment begins. */
  readonly listedAtConsent: (kind: Kind) => ListSink;
  /** A list begins. */
  readonly listing: (kind: Kind) => ListSink;
  readonly added: (sighting: Sighting) => Promise<void>;
  /** A resource was deleted. Its creation may have been missed, if no list has shown it. */
  readonly deleted: (sighting: Sighting) => Promise<void>;
  /**
   * Everything up to this resourceVersion was given. It is `undefined` after a list that is of no
   * moment, so that only another list can tell what comes after.
   */
  readonly progressed: (kind: Kind, resourceVersion: string | undefined) => void;
  /** The kind does not exist now. */
  readonly absent: (kind: Kind) => void;
  /** What became of the kind's watch, each time that it becomes something else. */
  readonly became: (kind: Kind, state: WatchState, error?: unknown) => void;
  /** Why a watch begins again. */
  readonly restarted: (kind: Kind, reason: RestartReason) => void;
  /** The loop turns, or pauses for so many milliseconds because the API server has asked it to. */
  readonly turned: (kind: Kind, pauseMs?: number) => void;
}

export type WatchState = 'watching' | 'missing' | 'failing';
export type RestartReason = 'ended' | 'silent' | 'restored' | 'expired' | 'gone' | 'error';

export interface ReflectOptions {
  readonly request: KubeRequest;
  readonly discover: Discover;
  readonly observer: Observer;
  readonly time: Time;
  readonly backoff: BackoffOptions;
  readonly recovery: Recovery;
  /** How often to look for a kind that does not exist yet, in milliseconds. */
  readonly rediscoverMs: number;
  /** A watch that is silent for longer is dead, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** How long a watch is asked to last, in milliseconds. The dice double it at most. */
  readonly watchMs: number;
  /** How old a list may be before the kind is listed again as a safety net, in milliseconds. */
  readonly relistMs: number;
}
