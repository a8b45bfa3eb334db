import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countingFrom } from '../../src/record/creations.ts';
import { NOTHING_CARRIED } from '../../src/record/foreign-members.ts';
import {
  firstLedger,
  type Ledger,
  ledgerAfterLoss,
  restartConsent,
  withdrawConsent,
} from '../../src/record/ledger.ts';

const BIRTH = { createdAt: 1_795_434_161, resourceVersion: '1000' };
const LATER = '2026-12-01T00:00:00.000Z';
const ANEW = {
  resourceVersion: undefined,
  baseline: true,
  watermark: 0,
  floor: 0,
  recent: new Map(),
  consentStart: undefined,
  snapshotTaken: false,
  synced: false,
};
const KINDS_ANEW = { API: ANEW, StaticRoute: ANEW, EnvoyFleet: ANEW };

/** A ledger that has been in use. */
function used(): Ledger {
  const first = firstLedger(BIRTH);
  return {
    ...first,
    cluster: 'c',
    carried: { kinds: { Route: {} }, pending: { 'route-created': [] } },
    installed: true,
    heartbeat: { recorded: ['2026-11-23'], outstanding: ['2026-11-24'] },
    kinds: {
      ...first.kinds,
      API: { ...first.kinds.API, recent: new Map([['a', BIRTH.createdAt + 1]]), synced: true },
    },
    pending: [{ name: 'api-created', subject: 'a', at: BIRTH.createdAt + 1 }],
    sent: [{ messageId: 'm' }],
  };
}

describe('the first ledger', () => {
  it('begins consent with the moment at which it was made', () => {
    const kind = countingFrom(BIRTH);
    assert.deepEqual(firstLedger(BIRTH), {
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

describe('a switch from on to off', () => {
  it('drops what is pending and all knowledge of resources, but not that the install was told', () => {
    assert.deepEqual(withdrawConsent(used(), LATER), {
      cluster: 'c',
      carried: NOTHING_CARRIED,
      consent: 'off',
      since: LATER,
      installed: true,
      heartbeat: { recorded: ['2026-11-23'], outstanding: [] },
      kinds: KINDS_ANEW,
      pending: [],
      sent: [{ messageId: 'm' }],
    });
  });
});

describe('a switch from off to on', () => {
  it('begins anew with the next list, and tells of no day on which it was on before', () => {
    assert.deepEqual(restartConsent(withdrawConsent(used(), '2026-11-30T00:00:00.000Z'), LATER), {
      cluster: 'c',
      carried: NOTHING_CARRIED,
      consent: 'on',
      since: LATER,
      installed: true,
      heartbeat: { recorded: ['2026-11-23'], outstanding: [] },
      kinds: KINDS_ANEW,
      pending: [],
      sent: [{ messageId: 'm' }],
    });
  });
});

describe('a ledger that was lost', () => {
  it('is begun anew without an install, which may have been told', () => {
    assert.deepEqual(ledgerAfterLoss(LATER), {
      cluster: undefined,
      carried: NOTHING_CARRIED,
      consent: 'on',
      since: LATER,
      installed: true,
      heartbeat: { recorded: [], outstanding: [] },
      kinds: KINDS_ANEW,
      pending: [],
      sent: [],
    });
  });
});
