import { CREATED, KINDS, type Kind } from '../event.ts';
import {
  type CountedHistory,
  HISTORY_UNKNOWN,
  historyAfter,
  NOTHING_COUNTED,
} from './counted-history.ts';
import type { ConsentStart } from './creations.ts';
import type { Occurrence, OccurrenceName } from './events.ts';
import { type Carried, NOTHING_CARRIED } from './foreign-members.ts';
import type { HeartbeatLedger } from './heartbeat.ts';
import { baselineAtNextList, countingFrom, type KindLedger } from './kind-ledger.ts';

/** A message as sent, without the write key. */
export type Payload = Readonly<Record<string, unknown>>;

/**
 * The state that must outlive the operator, as a value. Its size is bounded: `pending` by
 * `PENDING_LIMIT`, each kind's `recent` by `RECENT_LIMIT`, and `sent` by `SENT_LIMIT`.
 */
export interface Ledger {
  /**
   * The id of the cluster that the ledger belongs to. `undefined` if an older version wrote it, or if
   * the id has not been read yet.
   */
  readonly cluster: string | undefined;
  readonly consent: 'on' | 'off';
  /**
   * When `consent` last changed: ISO 8601 in UTC. It identifies this consent, because each change is later
   * than those before it, whatever the clocks say. It is never compared with a clock.
   */
  readonly since: string;
  /** Whether the install was enqueued. */
  readonly installed: boolean;
  readonly heartbeat: HeartbeatLedger;
  readonly kinds: Readonly<Record<Kind, KindLedger>>;
  /** The occurrences that are not acknowledged yet, oldest first. */
  readonly pending: readonly Occurrence[];
  /** The last payloads that the endpoint has acknowledged, oldest first. */
  readonly sent: readonly Payload[];
  /** Members that a newer version wrote. */
  readonly carried: Carried;
}

/** The watches pause while this many occurrences are unacknowledged. */
export const PENDING_LIMIT = 10_000;
/** How many sent payloads are kept for the administrator. */
export const SENT_LIMIT = 20;

/** Creates the first ledger of a cluster. Consent begins with it. */
export function firstLedger(start: ConsentStart): Ledger {
  return newLedger(new Date(start.createdAt * 1000).toISOString(), countingFrom(start));
}

/**
 * Creates the first ledger of a cluster in which telemetry was off until now. What the next list of each
 * kind shows is not counted.
 */
export function firstLedgerAfterOff(since: string): Ledger {
  return newLedger(since, baselineAtNextList(NOTHING_COUNTED));
}

function newLedger(since: string, kind: KindLedger): Ledger {
  return {
    cluster: undefined,
    consent: 'on',
    since,
    installed: false,
    heartbeat: { recorded: [], outstanding: [] },
    kinds: everyKind(() => kind),
    pending: [],
    sent: [],
    carried: NOTHING_CARRIED,
  };
}

/** Ends consent: drops the pending events and the known resources. */
export function withdrawConsent(ledger: Ledger, since: string): Ledger {
  return { ...restartConsent(ledger, since), consent: 'off' };
}

/**
 * Begins consent again. What the next list of each kind shows is not counted, nor is an earlier day
 * whose heartbeat was still outstanding. A pending install, and a pending heartbeat of today, are
 * enqueued again: they may not have arrived, and have the same messageIds if they have.
 */
export function restartConsent(ledger: Ledger, since: string): Ledger {
  const isPending = (wanted: OccurrenceName, day = '') =>
    ledger.pending.some(({ name, subject }) => name === wanted && subject === day);
  const { recorded } = ledger.heartbeat;
  return {
    ...ledger,
    consent: 'on',
    since,
    installed: ledger.installed && !isPending('install'),
    heartbeat: {
      recorded: recorded.filter((day) => !isPending('heartbeat', day)),
      outstanding: [],
    },
    kinds: everyKind((kind) => baselineAtNextList(historyOf(ledger, kind, since))),
    pending: [],
    carried: NOTHING_CARRIED,
  };
}

/**
 * Forgets what was counted until consent has just begun or ended. For a copy of a ledger: what was counted
 * after it was taken, and when that ended, is unknown.
 */
export function withUnknownHistory(ledger: Ledger): Ledger {
  return { ...ledger, kinds: everyKind(() => baselineAtNextList(HISTORY_UNKNOWN)) };
}

/** Creates a ledger in place of an unreadable one, so that nothing is counted a second time. */
export function ledgerAfterLoss(since: string): Ledger {
  return { ...newLedger(since, baselineAtNextList()), installed: true };
}

/** Returns what was counted of a kind until now. Nothing is while consent is off. */
function historyOf(ledger: Ledger, kind: Kind, since: string): CountedHistory {
  const { consent, kinds, pending } = ledger;
  const { consentStart, baselineAt, ...count } = kinds[kind];
  if (consent === 'off') return count.earlier;
  const times = pending.filter(({ name }) => name === CREATED[kind]).map(({ at }) => at);
  return historyAfter(
    { ...count, countedFrom: consentStart ?? baselineAt },
    {
      began: secondsOf(ledger.since),
      ended: secondsOf(since),
      oldestPending:
        times.length > 0 ? times.reduce((one, other) => Math.min(one, other)) : undefined,
    },
  );
}

/** Returns a value for each kind. */
export function everyKind<Value>(create: (kind: Kind) => Value): Record<Kind, Value> {
  return Object.fromEntries(KINDS.map((kind) => [kind, create(kind)])) as Record<Kind, Value>;
}

function secondsOf(iso: string): number {
  return Math.floor(Date.parse(iso) / 1000);
}
