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
import { firstLedger, type Ledger, withdrawConsent } from '../../src/record/ledger.ts';
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
  const marks = { emptied: false, copied: false };
  const empty = { text: undefined, ...marks, changedAt: BORN, resourceVersion: '7' };
  return { ...empty, object: {}, ...over };
}

/** A store of one map, or of none. */
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
  it('makes the ledger where there is none, and begins with it', async () => {
    const { options, signal } = setup(undefined);
    const { ledger } = await openLedger(options, signal);
    assert.equal(ledger.consent, 'on');
    assert.equal(ledger.kinds.API.resourceVersion, '9');
  });

  it('begins with an empty one that was made before', async () => {
    const { options, signal } = setup(aMap());
    const { ledger } = await openLedger(options, signal);
    assert.deepEqual(ledger, firstLedger(BIRTH));
  });

  const unusable = [
    { title: 'is not JSON', map: aMap({ text: '{' }), problem: 'it is not JSON' },
    { title: 'was emptied', map: aMap({ emptied: true }), problem: 'it was emptied' },
  ];
  for (const { title, map, problem } of unusable) {
    it(`takes everything for known, and says why, where the ledger ${title}`, async () => {
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

  it('takes nothing from that of another cluster, and begins as at an install', async () => {
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

  it('begins as at an install also if consent had been off in the other cluster', async () => {
    const off = withdrawConsent(foreign, '2026-11-23T12:00:00.000Z');
    const { options, signal } = setup(aMap({ text: serializeLedger(off) }));
    await beginConsent(options, signal);
    const { ledger } = await openLedgerOf(HERE, options, signal);
    assert.deepEqual(ledger, begunHere);
  });

  it('leaves one that was switched off meanwhile as it is', async () => {
    const off = withdrawConsent(foreign, '2026-11-23T12:00:00.000Z');
    const { options, written, signal } = setup(aMap({ text: serializeLedger(off) }));
    const { ledger } = await openLedgerOf(HERE, options, signal);
    assert.deepEqual(ledger, off);
    assert.deepEqual(written(), off);
  });

  it('leaves a newer one alone', async () => {
    const { options, signal } = setup(aMap({ text: NEWER }));
    await assert.rejects(openLedger(options, signal), NewerLedger);
  });
});

describe('beginConsent', () => {
  const since = firstLedger(BIRTH).since;

  it('begins anew where consent was off', async () => {
    const { options, written, signal } = setup(aMap({ text: OFF }));
    const begun = await beginConsent({ ...options, former: undefined }, signal);
    assert.equal(written()?.consent, 'on');
    assert.equal(written()?.since, begun);
    assert.equal(begun, new Date(NOW).toISOString());
    assert.equal(written()?.kinds.API.baseline, true);
  });

  it('begins anew where nobody could write that it was off', async () => {
    const { options, written, signal } = setup(aMap({ text: ON }));
    const begun = await beginConsent({ ...options, former: since }, signal);
    assert.equal(begun, new Date(NOW).toISOString());
    assert.equal(written()?.since, begun);
    assert.equal(written()?.kinds.API.baseline, true);
  });

  for (const former of [undefined, '2026-11-20T00:00:00.000Z']) {
    it(`writes nothing where consent is on, of which ${former ?? 'none'} was known`, async () => {
      const { options, written, signal } = setup(aMap({ text: ON }));
      assert.equal(await beginConsent({ ...options, former }, signal), since);
      assert.equal(written()?.since, since);
      assert.equal(written()?.kinds.API.baseline, false);
    });
  }

  it('knows of no consent where nothing was written yet', async () => {
    const { options, written, signal } = setup(aMap());
    assert.equal(await beginConsent({ ...options, former: since }, signal), undefined);
    assert.equal(written(), undefined);
  });
});

describe('endConsent', () => {
  it('writes that consent is off, and has witnessed it', async () => {
    const { options, written, signal } = setup(aMap({ text: ON }));
    const custody = await endConsent(options, signal);
    assert.equal(custody?.ledger.consent, 'off');
    assert.equal(written()?.consent, 'off');
  });

  it('is written into a new ledger by a process that has told, if somebody has deleted it', async () => {
    const { options, written, signal } = setup(undefined);
    const former = firstLedger(BIRTH).since;
    assert.equal(await endConsent({ ...options, former }, signal), undefined);
    assert.equal(written()?.consent, 'off');
  });

  const unwitnessed = [
    { title: 'where it was off already', map: aMap({ text: OFF }) },
    { title: 'where nothing was ever written', map: aMap() },
    { title: 'where the ledger is damaged', map: aMap({ text: 'x' }) },
    { title: 'where there is no ledger', map: undefined },
    { title: 'where the ledger was copied from elsewhere', map: aMap({ text: ON, copied: true }) },
  ];
  for (const { title, map } of unwitnessed) {
    it(`has witnessed nothing ${title}`, async () => {
      const { options, written, signal } = setup(map);
      assert.equal(await endConsent(options, signal), undefined);
      assert.equal(written()?.consent, map && 'off');
    });
  }
});
