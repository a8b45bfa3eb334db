import type { RestartReason, WatchState } from '../../cluster/watch-sink.ts';
import type { Kind } from '../../event.ts';

/** The state behind the probes and metrics. The operator's parts write it. */
export interface Health {
  /** Whether telemetry is on. `undefined` until the switches have been read. */
  consent: boolean | undefined;
  /** Whether telemetry is on with nothing to do: no write key is set, or the ledger can't be used. */
  idle: boolean;
  leading: boolean;
  /** Whether another replica holds the Lease. */
  following: boolean;
  /** How many events were acknowledged. */
  delivered: number;
  /** How many attempts to send an event failed. */
  failed: number;
  /** How many events the endpoint refused while it accepted others. */
  refused: number;
  /** When the last event was acknowledged, in milliseconds since the epoch. */
  deliveredAt: number | undefined;
  /** Returns how many events are not acknowledged. */
  pending: () => number;
  /** Whether the watches are paused, because too many events are not acknowledged. */
  full: () => boolean;
  readonly kinds: Map<Kind, KindHealth>;
  readonly restarts: Map<RestartReason, number>;
}

export interface KindHealth {
  state: WatchState | undefined;
  /**
   * Whether the kind was listed, its watch was resumed, or its CRD does not exist. A list counts even if
   * a full queue has no room for what it shows.
   */
  settled: boolean;
  /** When its loop last made progress or its pause ends, in milliseconds of the steady clock. */
  progressAt: number;
}

/** A watch without progress for this time hangs, in milliseconds. A silent watch is closed far earlier. */
const STUCK_MS = 300_000;

/** Returns the state at the start of the process. */
export function newHealth(): Health {
  return {
    consent: undefined,
    idle: false,
    leading: false,
    following: false,
    delivered: 0,
    failed: 0,
    refused: 0,
    deliveredAt: undefined,
    pending: () => 0,
    full: () => false,
    kinds: new Map(),
    restarts: new Map(),
  };
}

/**
 * Returns whether the operator is ready: it has nothing to do, another replica leads, or every kind
 * that exists is listed. Readiness never depends on the endpoint.
 */
export function isReady({ consent, idle, leading, following, kinds }: Health): boolean {
  if (consent === false || idle) return true;
  if (!leading) return following;
  return kinds.size > 0 && [...kinds.values()].every(({ settled }) => settled);
}

/** Returns whether every watch made progress in the last five minutes. A retry and a pause count as progress. */
export function isAlive({ leading, kinds, full }: Health, steadyMs: number): boolean {
  if (!leading || full()) return true;
  return [...kinds.values()].every(({ progressAt }) => steadyMs - progressAt < STUCK_MS);
}
