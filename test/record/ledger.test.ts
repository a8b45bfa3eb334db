import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HISTORY_UNKNOWN, NOTHING_COUNTED } from '../../src/record/counted-history.ts';
import { NOTHING_CARRIED } from '../../src/record/foreign-members.ts';
import { countingFrom } from '../../src/record/kind-ledger.ts';
import {
  firstLedger,
  firstLedgerAfterOff,
  type Ledger,
  ledgerAfterLoss,
  restartConsent,
  withdrawConsent,
} from '../../src/record/ledger.ts';
import { openRecorder } from '../../src/record/recorder.ts';

const CONSENT_START = { createdAt: 1_795_434_161, resourceVersion: '1000' };
const LATER = '2026-12-01T00:00:00.000Z';
const RESTARTED = {
  resourceVersion: undefined,
  baseline: true,
  watermark: 0,
  floor: 0,
  recent: new Map(),
  consentStart: undefined,
  snapshotTaken: false,
  synced: false,
  baselineAt: undefined,
  earlier: HISTORY_UNKNOWN,
};
const KINDS_RESTARTED = { API: RESTARTED, StaticRoute: RESTARTED, EnvoyFleet: RESTARTED };

/** Returns a ledger that has been in use. */
function used(): Ledger {
  const first = firstLedger(CONSENT_START);
  return {
    ...first,
    cluster: 'c',
    carried: { kinds: { Route: {} }, pending: { 'route-created': [] } },
    installed: true,
    heartbeat: { recorded: ['2026-11-23'], outstanding: ['2026-11-24'] },
    kinds: {
      ...first.kinds,
      API: {
        ...first.kinds.API,
        recent: new Map([['a', CONSENT_START.createdAt + 1]]),
        synced: true,
      },
    },
    pending: [{ name: 'api-created', subject: 'a', at: CONSENT_START.createdAt + 1 }],
    sent: [{ messageId: 'm' }],
  };
}

/** The kinds after the end of the consent of `used()`: what they counted is remembered. */
function kindsRestartedAt(ended: string) {
  const began = CONSENT_START.createdAt;
  const period = {
    ...{ began, after: CONSENT_START, until: CONSENT_START },
    ended: Date.parse(ended) / 1000,
  };
  const kind = { ...RESTARTED, earlier: { complete: true, periods: [period] } };
  return { API: kind, StaticRoute: kind, EnvoyFleet: kind };
}

describe('the first ledger', () => {
  it('begins consent at the time of its creation', () => {
    const kind = countingFrom(CONSENT_START);
    assert.deepEqual(firstLedger(CONSENT_START), {
      cluster: undefined,
      carried: NOTHING_CARRIED,
      consent: 'on',
      since: '2026-11-23T11:42:41.000Z',
      installed: false,
      heartbeat: { recorded: [], outstanding: [] },
      kinds: { API: kind, StaticRoute: kind, EnvoyFleet: kind },
      pending: [],
      sent: [],
    });
  });
});

describe('the first ledger of a cluster in which telemetry was off', () => {
  it('begins consent with the next list, and has no install yet', () => {
    const kind = { ...RESTARTED, earlier: NOTHING_COUNTED };
    const kinds = { API: kind, StaticRoute: kind, EnvoyFleet: kind };
    assert.deepEqual(firstLedgerAfterOff(LATER), {
      ...firstLedger(CONSENT_START),
      since: LATER,
      kinds,
    });
  });
});

describe('a switch from on to off', () => {
  it('drops pending events and known resources, and keeps that the install was enqueued', () => {
    const kindsAfter = kindsRestartedAt(LATER);
    assert.deepEqual(withdrawConsent(used(), LATER), {
      cluster: 'c',
      carried: NOTHING_CARRIED,
      consent: 'off',
      since: LATER,
      installed: true,
      heartbeat: { recorded: ['2026-11-23'], outstanding: [] },
      kinds: kindsAfter,
      pending: [],
      sent: [{ messageId: 'm' }],
    });
  });
});

describe('a switch from off to on', () => {
  it('enqueues the install and the heartbeat of today again if they were pending', () => {
    const [yesterday, today] = ['2026-11-29', '2026-11-30'] as const;
    const heartbeat = { recorded: ['2026-11-28', yesterday, today], outstanding: [] };
    const pending = [
      { name: 'install', subject: '', at: 1 },
      { name: 'heartbeat', subject: yesterday, at: 1 },
      { name: 'heartbeat', subject: today, at: 1 },
    ] as const;
    const off = withdrawConsent({ ...used(), heartbeat, pending }, '2026-11-30T12:00:00.000Z');
    const recorder = openRecorder(restartConsent(off, '2026-11-30T13:00:00.000Z'), {
      clusterId: 'ab'.repeat(32),
      onChange: () => undefined,
    });
    recorder.tickHeartbeat(Date.parse('2026-11-30T13:00:01.000Z'));
    assert.deepEqual(
      recorder.pending(10).map(({ name, subject }) => [name, subject]),
      [
        ['install', ''],
        ['heartbeat', today],
      ],
    );
  });

  it('starts from the next list, without outstanding days from before', () => {
    const end = '2026-11-30T00:00:00.000Z';
    const kindsAfter = kindsRestartedAt(end);
    assert.deepEqual(restartConsent(withdrawConsent(used(), end), LATER), {
      cluster: 'c',
      carried: NOTHING_CARRIED,
      consent: 'on',
      since: LATER,
      installed: true,
      heartbeat: { recorded: ['2026-11-23'], outstanding: [] },
      kinds: kindsAfter,
      pending: [],
      sent: [{ messageId: 'm' }],
    });
  });
});

describe('a ledger that was lost', () => {
  it('is replaced by one without an install, which may have been sent already', () => {
    assert.deepEqual(ledgerAfterLoss(LATER), {
      cluster: undefined,
      carried: NOTHING_CARRIED,
      consent: 'on',
      since: LATER,
      installed: true,
      heartbeat: { recorded: [], outstanding: [] },
      kinds: KINDS_RESTARTED,
      pending: [],
      sent: [],
    });
  });
});
