import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginConsent } from '../../src/operator/consent-in-ledger.ts';
import { NewerLedger, openLedger, openLedgerOf } from '../../src/operator/stored-ledger.ts';
import { HISTORY_UNKNOWN } from '../../src/record/counted-history.ts';
import {
  firstLedger,
  firstLedgerAfterOff,
  type Ledger,
  withdrawConsent,
} from '../../src/record/ledger.ts';
import { serializeLedger } from '../../src/record/ledger-json.ts';
import { isLaterConsent } from '../../src/record/since.ts';
import { aMap, BIRTH, BORN, NOW, setup } from './ledger-store.ts';

const HERE = 'ab'.repeat(32);
const THERE = 'cd'.repeat(32);
const NEWER = JSON.stringify({ version: 2 });

describe('openLedger', () => {
  it('creates the ledger if there is none, and begins consent with it', async () => {
    const { options, signal } = setup(undefined);
    const { ledger } = await openLedger(options, signal);
    assert.equal(ledger.consent, 'on');
    assert.equal(ledger.kinds.API.resourceVersion, '9');
  });

  it('begins consent with an empty ledger that was created before', async () => {
    const { options, signal } = setup(aMap());
    const { ledger } = await openLedger(options, signal);
    assert.deepEqual(ledger, firstLedger(BIRTH));
  });

  it('begins consent with the next list if the empty ledger was rendered with telemetry off', async () => {
    const { options, signal } = setup(aMap({ renderedOff: true }));
    const { ledger } = await openLedger(options, signal);
    assert.deepEqual(ledger, firstLedgerAfterOff(new Date(NOW).toISOString()));
  });

  const unusable = [
    { title: 'is not JSON', map: aMap({ text: '{' }), problem: 'it is not JSON' },
    { title: 'was emptied', map: aMap({ emptied: true }), problem: 'it was emptied' },
  ];
  for (const { title, map, problem } of unusable) {
    it(`counts no existing resource, and reports why, if the ledger ${title}`, async () => {
      const { options, damage, signal } = setup(map);
      const { ledger } = await openLedger(options, signal);
      assert.deepEqual(damage, [problem]);
      assert.equal(ledger.installed, true);
      assert.equal(ledger.kinds.StaticRoute.baseline, true);
    });
  }

  const lost = [aMap(), aMap({ renderedOff: true }), aMap({ emptied: true }), aMap({ text: '{' })];
  it('begins later than the change of consent that this process knows, even if the clock is behind', async () => {
    for (const map of lost) {
      const { options, signal } = setup(map);
      const former = '2026-11-25T00:00:00.000Z';
      const { ledger } = await openLedger({ ...options, former }, signal);
      assert.equal(ledger.since, '2026-11-25T00:00:00.001Z');
    }
  });

  const used = {
    ...firstLedger({ createdAt: 1, resourceVersion: '1' }),
    installed: true,
    heartbeat: { recorded: ['2026-11-23'], outstanding: [] },
    pending: [{ name: 'api-created', subject: 'there', at: 1 }],
    sent: [{ messageId: 'there' }],
  } as const;

  const foreign: Ledger = { ...used, cluster: THERE };
  const begunHere = { ...firstLedger(BIRTH), cluster: HERE };

  it('uses nothing of another cluster’s ledger, and begins as at an install', async () => {
    const { options, written, signal } = setup(aMap({ text: serializeLedger(foreign) }));
    const { ledger } = await openLedgerOf(HERE, options, signal);
    assert.deepEqual(ledger, begunHere);
    assert.deepEqual(written(), begunHere);
  });

  it('begins later than the change of consent that this process has just written there', async () => {
    const { options, signal } = setup(aMap({ text: serializeLedger(foreign) }));
    const former = new Date(BORN * 1000 + 500).toISOString();
    const { ledger } = await openLedgerOf(HERE, { ...options, former }, signal);
    assert.ok(isLaterConsent(ledger.since, former));
    assert.deepEqual(ledger, { ...begunHere, since: ledger.since });
  });

  for (const cluster of [HERE, undefined]) {
    it(`uses one that names ${cluster ? 'this cluster' : 'none, as an older version wrote it'}`, async () => {
      const { options, signal } = setup(aMap({ text: serializeLedger({ ...used, cluster }) }));
      const { ledger } = await openLedgerOf(HERE, options, signal);
      assert.deepEqual(ledger, { ...used, cluster });
    });
  }

  it('begins as at an install even if consent had been off in the other cluster', async () => {
    const off = withdrawConsent(foreign, '2026-11-23T12:00:00.000Z');
    const { options, signal } = setup(aMap({ text: serializeLedger(off) }));
    await beginConsent(options, signal);
    const { ledger } = await openLedgerOf(HERE, options, signal);
    assert.deepEqual(ledger, begunHere);
  });

  it('does not write a ledger that was switched off meanwhile', async () => {
    const off = withdrawConsent(foreign, '2026-11-23T12:00:00.000Z');
    const { options, written, signal } = setup(aMap({ text: serializeLedger(off) }));
    const { ledger } = await openLedgerOf(HERE, options, signal);
    assert.deepEqual(ledger, off);
    assert.deepEqual(written(), off);
  });

  describe('that this cluster has written before', () => {
    const KNOWN = '2026-11-23T20:00:00.000Z';
    const own: Ledger = { ...used, cluster: HERE };

    it('begins consent again if this process knows a later change of consent', async () => {
      const { options, written, signal } = setup(aMap({ text: serializeLedger(own) }));
      const { ledger } = await openLedgerOf(HERE, { ...options, former: KNOWN }, signal);
      assert.equal(ledger.since, new Date(NOW).toISOString());
      assert.deepEqual([ledger.kinds.API.baseline, ledger.pending], [true, []]);
      assert.deepEqual(ledger.kinds.API.earlier, HISTORY_UNKNOWN);
      assert.deepEqual(written(), ledger);
    });

    for (const since of [KNOWN, '2026-11-23T20:00:00.001Z']) {
      it(`is used as it is if its consent began at ${since}`, async () => {
        const { options, signal } = setup(aMap({ text: serializeLedger({ ...own, since }) }));
        const { ledger } = await openLedgerOf(HERE, { ...options, former: KNOWN }, signal);
        assert.deepEqual(ledger, { ...own, since });
      });
    }

    it('is used as it is if this process knows no consent', async () => {
      const { options, signal } = setup(aMap({ text: serializeLedger(own) }));
      const { ledger } = await openLedgerOf(HERE, options, signal);
      assert.deepEqual(ledger, own);
    });
  });

  it('does not write a newer ledger', async () => {
    const { options, signal } = setup(aMap({ text: NEWER }));
    await assert.rejects(openLedger(options, signal), NewerLedger);
  });
});
