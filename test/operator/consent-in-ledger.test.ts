import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import { beginConsent, endConsent, endConsentAgain } from '../../src/operator/consent-in-ledger.ts';
import { NewerLedger } from '../../src/operator/stored-ledger.ts';
import { HISTORY_UNKNOWN } from '../../src/record/counted-history.ts';
import {
  firstLedger,
  firstLedgerAfterOff,
  ledgerAfterLoss,
  restartConsent,
  withdrawConsent,
} from '../../src/record/ledger.ts';
import { serializeLedger } from '../../src/record/ledger-json.ts';
import { isLaterConsent } from '../../src/record/since.ts';
import { aMap, BIRTH, NOW, ON, setup } from './ledger-store.ts';

const OFF = serializeLedger(withdrawConsent(firstLedger(BIRTH), '2026-11-23T00:00:00.000Z'));

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

  it('returns the consent of the ledger if this process knows none', async () => {
    const { options, written, signal } = setup(aMap({ text: ON }));
    assert.equal(await beginConsent(options, signal), since);
    assert.equal(written()?.kinds.API.baseline, false);
  });

  it('returns the consent that another replica has begun', async () => {
    const { options, written, signal } = setup(aMap({ text: ON }));
    const former = '2026-11-20T00:00:00.000Z';
    assert.equal(await beginConsent({ ...options, former }, signal), since);
    assert.equal(written()?.kinds.API.baseline, false);
  });

  const first = [
    {
      title: 'there is none',
      map: undefined,
      begun: firstLedger({ ...BIRTH, resourceVersion: '9' }),
    },
    { title: 'an empty one was created', map: aMap(), begun: firstLedger(BIRTH) },
    {
      title: 'an empty one was rendered with telemetry off',
      map: aMap({ renderedOff: true }),
      begun: firstLedgerAfterOff(new Date(NOW).toISOString()),
    },
    {
      title: 'it was emptied',
      map: aMap({ emptied: true }),
      begun: ledgerAfterLoss(new Date(NOW).toISOString()),
      problems: ['it was emptied'],
    },
    {
      title: 'it is damaged',
      map: aMap({ text: '{' }),
      begun: ledgerAfterLoss(new Date(NOW).toISOString()),
      problems: ['it is not JSON'],
    },
  ];
  for (const { title, map, begun, problems = [] } of first) {
    it(`writes the ledger to begin with if ${title}, and reports damage once`, async () => {
      const { options, store, damage, written, signal } = setup(map);
      const write = store.write;
      store.write = async () => {
        throw new KubeStatusError(409);
      };
      await assert.rejects(beginConsent(options, signal), { status: 409 });
      store.write = write;
      assert.equal(await beginConsent(options, signal), begun.since);
      assert.deepEqual(written(), begun);
      assert.deepEqual(damage, problems);
    });

    it(`leaves the ledger to the replica that leads if ${title}`, async () => {
      const { options, written, signal } = setup(map);
      const led = { ...options, isLed: async () => true };
      assert.equal(await beginConsent(led, signal), undefined);
      assert.equal(written(), undefined);
    });
  }

  it('knows no consent of a ledger that was copied here, as another cluster may have written it', async () => {
    const { options, written, signal } = setup(aMap({ text: ON, copied: true }));
    assert.equal(await beginConsent(options, signal), undefined);
    assert.equal(written()?.since, since);
  });

  it('knows what was counted under the consent that this process has held', async () => {
    const { options, written, signal } = setup(aMap({ text: ON }));
    await beginConsent({ ...options, former: since }, signal);
    assert.equal(written()?.kinds.API.earlier.periods.length, 1);
  });

  const changedWhileOff = [
    { title: 'an older one was restored', map: aMap({ text: ON }) },
    { title: 'an empty one was created', map: aMap({ changedAt: NOW / 1_000 - 60 }) },
    { title: 'it was emptied', map: aMap({ emptied: true }) },
    { title: 'it was damaged', map: aMap({ text: '{' }) },
    { title: 'it was deleted', map: undefined },
  ];
  for (const { title, map } of changedWhileOff) {
    it(`counts from the next list if ${title} while this process was off`, async () => {
      const { options, written, signal } = setup(map);
      const former = '2026-11-24T07:00:00.000Z';
      const begun = await beginConsent({ ...options, former }, signal);
      assert.ok(begun && isLaterConsent(begun, former));
      assert.equal(written()?.since, begun);
      assert.equal(written()?.kinds.API.baseline, true);
      assert.deepEqual(written()?.kinds.API.earlier, HISTORY_UNKNOWN);
    });
  }

  it('counts from the next list if a later one was copied here while this process was off', async () => {
    const { options, written, signal } = setup(aMap({ text: ON, copied: true }));
    const begun = await beginConsent({ ...options, former: '2026-11-20T00:00:00.000Z' }, signal);
    assert.equal(begun, new Date(NOW).toISOString());
    assert.equal(written()?.kinds.API.baseline, true);
    assert.deepEqual(written()?.kinds.API.earlier, HISTORY_UNKNOWN);
  });

  it('is later than what it ends, even if the clock is behind', async () => {
    const { options, written, signal } = setup(aMap({ text: OFF }));
    const former = '2026-11-25T00:00:00.000Z';
    const begun = await beginConsent({ ...options, former }, signal);
    assert.equal(begun, '2026-11-25T00:00:00.001Z');
    assert.equal(written()?.since, begun);
  });
});

describe('endConsent', () => {
  it('writes that consent is off, and returns the ledger', async () => {
    const { options, written, signal } = setup(aMap({ text: ON }));
    const ended = await endConsent(options, signal);
    assert.equal(ended?.switched?.ledger.consent, 'off');
    assert.equal(ended.since, new Date(NOW).toISOString());
    assert.equal(written()?.since, ended.since);
    assert.equal(written()?.consent, 'off');
  });

  it('is later than the consent that it ends, even if the clock is behind', async () => {
    const since = '2026-11-25T00:00:00.000Z';
    const ledger = restartConsent(firstLedger(BIRTH), since);
    const { options, written, signal } = setup(aMap({ text: serializeLedger(ledger) }));
    await endConsent(options, signal);
    assert.equal(written()?.since, '2026-11-25T00:00:00.001Z');
  });

  it('creates a deleted ledger again if the process had consent', async () => {
    const { options, written, signal } = setup(undefined);
    const former = firstLedger(BIRTH).since;
    const ended = await endConsent({ ...options, former }, signal);
    assert.deepEqual(ended, { since: new Date(NOW).toISOString() });
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
    it(`returns no switched ledger ${title}`, async () => {
      const { options, written, signal } = setup(map);
      const ended = await endConsent(options, signal);
      assert.equal(ended?.switched, undefined);
      assert.equal(ended?.since, written()?.since);
      assert.equal(written()?.consent, map && 'off');
    });
  }
});

describe('endConsentAgain', () => {
  const former = '2026-11-24T07:00:00.000Z';
  const changed = [
    { title: 'an older ledger was restored', map: aMap({ text: ON }) },
    { title: 'a ledger was copied here', map: aMap({ text: ON, copied: true }) },
    { title: 'an empty ledger was created', map: aMap() },
    { title: 'the ledger was emptied', map: aMap({ emptied: true }) },
    { title: 'the ledger was damaged', map: aMap({ text: '{' }) },
  ];
  for (const { title, map } of changed) {
    for (const known of title.startsWith('an older') ? [former] : [former, undefined]) {
      it(`writes off if ${title} and the latest change was ${known ?? 'none'}`, async () => {
        const { options, written, signal } = setup(map);
        const ended = await endConsentAgain({ ...options, former: known }, signal);
        assert.equal(written()?.consent, 'off');
        assert.ok(ended && isLaterConsent(ended.since, known));
        assert.equal(written()?.since, ended.since);
      });
    }
  }

  for (const { title, map } of changed) {
    it(`knows nothing of what was counted before if ${title}`, async () => {
      const { options, written, signal } = setup(map);
      await endConsentAgain({ ...options, former }, signal);
      assert.deepEqual(written()?.kinds.API.earlier, HISTORY_UNKNOWN);
    });
  }

  const later = restartConsent(firstLedger(BIRTH), '2026-11-24T07:30:00.000Z');
  const unchanged = [
    { title: 'that says off', map: aMap({ text: OFF }), since: former },
    {
      title: 'with a consent that another replica has begun',
      map: aMap({ text: serializeLedger(later) }),
      since: undefined,
    },
    { title: 'that was deleted', map: undefined, since: undefined },
  ];
  for (const { title, map, since } of unchanged) {
    it(`leaves a ledger ${title}`, async () => {
      const { options, store, signal } = setup(map);
      const ended = await endConsentAgain({ ...options, former }, signal);
      assert.equal(ended?.since, since);
      assert.equal(await store.read(signal), map);
    });
  }

  it('leaves a ledger of a newer program', async () => {
    const { options, signal } = setup(aMap({ text: '{"version":2}' }));
    await assert.rejects(endConsentAgain({ ...options, former }, signal), NewerLedger);
  });
});

describe('a replica whose telemetry is still off', () => {
  const former = '2026-11-24T07:00:00.000Z';
  const lost = [
    { title: 'was deleted', map: undefined, known: '2026-11-23T00:00:00.000Z' },
    { title: 'is empty', map: aMap({ changedAt: NOW / 1_000 - 60 }), known: former },
    { title: 'was emptied', map: aMap({ emptied: true }), known: former },
  ];
  for (const { title, map, known } of lost) {
    it(`leaves the consent that another one has begun with a ledger that ${title}`, async () => {
      const { options, written, signal } = setup(map);
      const begun = await beginConsent(options, signal);
      assert.equal(await endConsentAgain({ ...options, former: known }, signal), undefined);
      assert.deepEqual([written()?.consent, written()?.since], ['on', begun]);
    });
  }
});
