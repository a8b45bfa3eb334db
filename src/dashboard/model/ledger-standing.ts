import type { Ledger, Payload } from '../../record/ledger.ts';
import { type Facts, type LedgerFacts, usableLedger } from './facts.ts';
import type { HeartbeatView, PendingView, TelemetryView } from './telemetry-view.ts';

/** What the ledger says of telemetry. */
export type LedgerStanding = Pick<
  TelemetryView,
  'ledger' | 'since' | 'lastSent' | 'pending' | 'install' | 'heartbeats'
>;

const NOTHING = {
  since: undefined,
  lastSent: undefined,
  pending: { total: 0, byName: {}, oldest: undefined },
  install: undefined,
  heartbeats: [],
} as const;

const MESSAGES: Readonly<Record<Exclude<LedgerFacts['state'], 'read'>, string>> = {
  unread: 'The ledger was not read yet.',
  missing: 'There is no ledger yet. The operator writes it when it begins to count.',
  empty: 'The ledger was emptied. A running operator writes it again.',
  denied: 'You may not read the ledger, ConfigMap kusk-gateway-ledger.',
  newer: 'A newer version has written the ledger. Install a newer kusk to see what it says.',
  damaged: 'The ledger is damaged. A running operator writes it again.',
};
const FOREIGN =
  'The ledger belongs to another cluster, as after a restore. The operator does not use it, and begins a new one when it is on.';

/** Returns what the ledger says. */
export function ledgerStandingOf(facts: Facts): LedgerStanding {
  const { ledger } = facts;
  if (ledger.state !== 'read') {
    const detail = ledger.state === 'damaged' ? ` What is wrong: ${ledger.problem}.` : '';
    return {
      ...NOTHING,
      ledger: { state: ledger.state, message: MESSAGES[ledger.state] + detail },
    };
  }
  const usable = usableLedger(facts);
  if (usable === undefined) return { ...NOTHING, ledger: { state: 'foreign', message: FOREIGN } };
  return {
    ledger: { state: 'ok', message: '' },
    since: usable.since,
    lastSent: timestampOf(usable.sent.at(-1)),
    pending: pendingOf(usable),
    install: installOf(usable),
    heartbeats: heartbeatsOf(usable),
  };
}

function pendingOf({ pending }: Ledger): PendingView {
  const byName: Record<string, number> = {};
  let oldest = Number.POSITIVE_INFINITY;
  for (const { name, at } of pending) {
    byName[name] = (byName[name] ?? 0) + 1;
    oldest = Math.min(oldest, at);
  }
  return { total: pending.length, byName, oldest: isoOf(oldest) };
}

function installOf({ installed, pending }: Ledger): LedgerStanding['install'] {
  if (pending.some(({ name }) => name === 'install')) return 'pending';
  return installed ? 'recorded' : 'none';
}

function heartbeatsOf({ heartbeat, pending }: Ledger): readonly HeartbeatView[] {
  const waiting = new Set(
    pending.filter(({ name }) => name === 'heartbeat').map(({ subject }) => subject),
  );
  const recorded = heartbeat.recorded.map(
    (day): HeartbeatView => ({ day, state: waiting.has(day) ? 'pending' : 'recorded' }),
  );
  const outstanding = heartbeat.outstanding.map(
    (day): HeartbeatView => ({ day, state: 'outstanding' }),
  );
  return [...recorded, ...outstanding].sort((a, b) => (a.day < b.day ? -1 : 1)).slice(-16);
}

function timestampOf(payload: Payload | undefined): string | undefined {
  const { timestamp } = payload ?? {};
  return typeof timestamp === 'string' && !Number.isNaN(Date.parse(timestamp))
    ? timestamp
    : undefined;
}

function isoOf(seconds: number): string | undefined {
  return Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString() : undefined;
}
