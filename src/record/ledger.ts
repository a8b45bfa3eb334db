import { KINDS, type Kind } from '../event.ts';
import {
  baselineAtNextList,
  type ConsentStart,
  countingFrom,
  type KindLedger,
} from './creations.ts';
import type { Occurrence } from './events.ts';
import { type Carried, NOTHING_CARRIED } from './foreign-members.ts';
import type { HeartbeatLedger } from './heartbeat.ts';

/** A message as it left, without the write key. */
export type Payload = Readonly<Record<string, unknown>>;

/**
 * Everything that must outlive the operator, as a value. Its size is bounded: `pending` by
 * `PENDING_LIMIT`, each kind's `recent` by `RECENT_LIMIT`, `sent` by `SENT_LIMIT`.
 */
export interface Ledger {
  /**
   * The id of the cluster that it belongs to. `undefined` if an older version has written it, or if
   * nobody has asked yet which cluster this is.
   */
  readonly cluster: string | undefined;
  readonly consent: 'on' | 'off';
  /**
   * Since when `consent` is what it is: ISO 8601 in UTC. It marks this consent, as no other has the
   * same; clocks are never compared by it.
   */
  readonly since: string;
  /** The install was told, or is pending. */
  readonly installed: boolean;
  readonly heartbeat: HeartbeatLedger;
  readonly kinds: Readonly<Record<Kind, KindLedger>>;
  /** What happened and is not yet acknowledged, oldest first. */
  readonly pending: readonly Occurrence[];
  /** The last payloads that left, oldest first. */
  readonly sent: readonly Payload[];
  /** What a newer version has written. */
  readonly carried: Carried;
}

/** Beyond this many unacknowledged happenings the watches wait. */
export const PENDING_LIMIT = 10_000;
/** So many payloads are kept for the admin to see. */
export const SENT_LIMIT = 20;

/** The first ledger of a cluster: consent begins with it. */
export function firstLedger(start: ConsentStart): Ledger {
  return {
    cluster: undefined,
    consent: 'on',
    since: new Date(start.createdAt * 1000).toISOString(),
    installed: false,
    heartbeat: { recorded: [], outstanding: [] },
    kinds: everyKind(() => countingFrom(start)),
    pending: [],
    sent: [],
    carried: NOTHING_CARRIED,
  };
}

/** Telemetry was switched off: what is pending is dropped, and nothing is known any more. */
export function withdrawConsent(ledger: Ledger, since: string): Ledger {
  return { ...restartConsent(ledger, since), consent: 'off' };
}

/**
 * Telemetry was switched on again: what the next list of each kind shows is not told, nor a day on
 * which it was on before.
 */
export function restartConsent(ledger: Ledger, since: string): Ledger {
  const heartbeat = { ...ledger.heartbeat, outstanding: [] };
  const kinds = everyKind(baselineAtNextList);
  const dropped = { pending: [], carried: NOTHING_CARRIED };
  return { ...ledger, consent: 'on', since, heartbeat, kinds, ...dropped };
}

/** A ledger that could not be read is begun anew, so that nothing is told that was told before. */
export function ledgerAfterLoss(since: string): Ledger {
  const birth = { createdAt: 0, resourceVersion: '0' };
  return { ...restartConsent(firstLedger(birth), since), installed: true };
}

/** A value for each kind. */
export function everyKind<Value>(create: (kind: Kind) => Value): Record<Kind, Value> {
  return Object.fromEntries(KINDS.map((kind) => [kind, create(kind)])) as Record<Kind, Value>;
}
