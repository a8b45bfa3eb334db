import type { RestartReason, WatchState } from '../../cluster/watch-sink.ts';
import type { Kind } from '../../event.ts';

/** What health probes and metrics are told from. The operator's parts write it. */
export interface Health {
  /** Whether telemetry is on; `undefined` until the switches were read. */
  consent: boolean | undefined;
  /** Consent is on, but there is nothing to do: no write key, or the ledger forbids it. */
  idle: boolean;
  leading: boolean;
  /** Whether the Lease was seen in the hands of another replica. */
  following: boolean;
  delivered: number;
  failed: number;
  /** When the last event was acknowledged, in milliseconds since the epoch. */
  deliveredAt: number | undefined;
  pending: () => number;
  /** The watches wait for room, because so much is unacknowledged. */
  full: () => boolean;
  readonly kinds: Map<Kind, KindHealth>;
  readonly restarts: Map<RestartReason, number>;
}

export interface KindHealth {
  state: WatchState | undefined;
  /** It was listed, or its watch was taken up where it was, or it does not exist. */
  settled: boolean;
  /** When its loop last turned, or when its pause is over, in milliseconds of the steady clock. */
  turnedAt: number;
}

/** A watch that has not even tried for so long hangs. Its silence is cut far earlier. */
const STUCK_MS = 300_000;

/** Nothing known yet. */
export function newHealth(): Health {
  return {
    consent: undefined,
    idle: false,
    leading: false,
    following: false,
    delivered: 0,
    failed: 0,
    deliveredAt: undefined,
    pending: () => 0,
    full: () => false,
    kinds: new Map(),
    restarts: new Map(),
  };
}

/**
 * Whether the operator has taken up its work: nothing to do, another replica leads, or every kind
 * that exists is listed. It never depends on Segment.
 */
export function isReady({ consent, idle, leading, following, kinds }: Health): boolean {
  if (consent === false || idle) return true;
  if (!leading) return following;
  return kinds.size > 0 && [...kinds.values()].every(({ settled }) => settled);
}

/** Whether every watch has made some progress of late; trying again counts, waiting for room too. */
export function isAlive({ leading, kinds, full }: Health, steadyMs: number): boolean {
  if (!leading || full()) return true;
  return [...kinds.values()].every(({ turnedAt }) => steadyMs - turnedAt < STUCK_MS);
}
