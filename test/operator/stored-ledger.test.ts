import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LedgerConfigMap, LedgerStore } from '../../src/cluster/ledger-configmap.ts';
import {
  beginConsent,
  endConsent,
  NewerLedger,
  openLedger,
  openLedgerOf,
} from '../../src/operator/stored-ledger.ts';
import {
  firstLedger,
  firstLedgerAfterOff,
  type Ledger,
  withdrawConsent,
} from '../../src/record/ledger.ts';
import { parseLedger, serializeLedger } from '../../src/record/ledger-json.ts';

const BORN = 1_795_434_161;
const BIRTH = { createdAt: BORN, resourceVersion: '7' };
const NOW = Date.parse('2026-11-24T08:00:00Z');
const ON = serializeLedger({ ...firstLedger(BIRTH), installed: true });
const OFF = serializeLedger(withdrawConsent(firstLedger(BIRTH), '2026-11-23T00:00:00.000Z'));
const HERE = 'ab'.repeat(32);
const THERE = 'cd'.repeat(32);
const NEWER = JSON.stringify({ version: 2 });

function aMap(over: Partial<LedgerConfigMap> = {}): LedgerConfigMap {
  const marks = { emptied: false, copied: false, renderedOff: false };
  const empty = { text: undefined, ...marks, changedAt: BORN, resourceVersion: '7' };
  return { ...empty, object: {}, ...over };
}

/** A store with one ConfigMap, or with none. */
function setup(map: LedgerConfigMap | undefined) {
  let current = map;
  const damage: string[] = [];
  const store: LedgerStore = {
    read: async () => current,
    create: async () => {
      current = aMap({ resourceVersion: '9' });
      return current;
    },
    write: async (text, over) => {
      current = { ...over, text };
      return current;
    },
  };
  const onDamage = (problem: string) => damage.push(problem);
  const options = { store, now: () => NOW, onDamage, former: undefined };
  const written = () => {
    const reading = parseLedger(current?.text ?? '');
    return reading.found === 'ledger' ? reading.ledger : undefined;
  };
  return { options, damage, written, signal: new AbortController().signal };
}

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

  it('does not write a newer ledger', async () => {
    const { options, signal } = setup(aMap({ text: NEWER }));
    await assert.rejects(openLedger(options, signal), NewerLedger);
  });
});

describe('beginConsent', () => {
  const since = firstLedger(BIRTH).since;

  it('begins a new consent if it was off', async () => {
    const { options, written, signal } = setup(aMap({ text: OFF }));
    const begun = await beginConsent({ ...options, former: undefined }, signal);
    assert.equal(written()?.consent, 'on');
    assert.equal(written()?.since, begun);
    assert.equal(begun, new Date(NOW).toISOString());
    assert.equal(written()?.kinds.API.baseline, true);
  });

  it('begins a new consent if no replica could write that it was off', async () => {
    const { options, written, signal } = setup(aMap({ text: ON }));
    const begun = await beginConsent({ ...options, former: since }, signal);
    assert.equal(begun, new Date(NOW).toISOString());
    assert.equal(written()?.since, begun);
    assert.equal(written()?.kinds.API.baseline, true);
  });

  for (const former of [undefined, '2026-11-20T00:00:00.000Z']) {
    it(`writes nothing if consent is on and the former one was ${former ?? 'none'}`, async () => {
      const { options, written, signal } = setup(aMap({ text: ON }));
      assert.equal(await beginConsent({ ...options, former }, signal), since);
      assert.equal(written()?.since, since);
      assert.equal(written()?.kinds.API.baseline, false);
    });
  }

  it('returns no consent if nothing was written yet', async () => {
    const { options, written, signal } = setup(aMap());
    assert.equal(await beginConsent({ ...options, former: since }, signal), undefined);
    assert.equal(written(), undefined);
  });
});

describe('endConsent', () => {
  it('writes that consent is off, and returns the ledger', async () => {
    const { options, written, signal } = setup(aMap({ text: ON }));
    const ended = await endConsent(options, signal);
    assert.equal(ended?.ledger.consent, 'off');
    assert.equal(written()?.consent, 'off');
  });

  it('creates a deleted ledger again if the process had consent', async () => {
    const { options, written, signal } = setup(undefined);
    const former = firstLedger(BIRTH).since;
    assert.equal(await endConsent({ ...options, former }, signal), undefined);
    assert.equal(written()?.consent, 'off');
  });

  const unwitnessed = [
    { title: 'if it was off already', map: aMap({ text: OFF }) },
    { title: 'if nothing was ever written', map: aMap() },
    { title: 'if the ledger is damaged', map: aMap({ text: 'x' }) },
    { title: 'if there is no ledger', map: undefined },
    { title: 'if the ledger was copied from elsewhere', map: aMap({ text: ON, copied: true }) },
  ];
  for (const { title, map } of unwitnessed) {
    it(`returns no ledger ${title}`, async () => {
      const { options, written, signal } = setup(map);
      assert.equal(await endConsent(options, signal), undefined);
      assert.equal(written()?.consent, map && 'off');
    });
  }
});
