import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import type { LedgerConfigMap } from '../../src/cluster/ledger-configmap.ts';
import { isOwnershipLost, ownership, WithdrawnElsewhere } from '../../src/operator/ownership.ts';
import { NewerLedger } from '../../src/operator/stored-ledger.ts';
import { firstLedger, restartConsent, withdrawConsent } from '../../src/record/ledger.ts';
import { serializeLedger } from '../../src/record/ledger-json.ts';

const FIRST = firstLedger({ createdAt: 1_795_434_161, resourceVersion: '1' });
const THERE = 'cd'.repeat(32);
const EARLIER = '2020-01-01T00:00:00.000Z';
const LATER = '2026-11-24T00:00:00.000Z';

function aMap(text: string | undefined): LedgerConfigMap {
  const marks = { emptied: false, copied: false, renderedOff: false };
  return { text, ...marks, changedAt: 0, resourceVersion: '2', object: {} };
}

/** The result of a check of this ledger, and whether the ownership holds afterwards. */
function checked(map: LedgerConfigMap | undefined) {
  const { check, holds } = ownership({ since: FIRST.since, cluster: 'ab'.repeat(32) });
  try {
    return { intact: check(map), holds: holds() };
  } catch (error) {
    return { error, holds: holds() };
  }
}

const SAME = aMap(serializeLedger(FIRST));
const MORE = aMap(serializeLedger({ ...FIRST, installed: true }));

describe('a ledger that this process still owns', () => {
  const ours: readonly (readonly [string, LedgerConfigMap | undefined])[] = [
    ['has the consent of this process', SAME],
    ['has that consent, and more', MORE],
    ['is empty', aMap(undefined)],
    ['was emptied', { ...aMap(undefined), emptied: true }],
    ['is damaged', aMap('{')],
    ['is absent', undefined],
    ['is an older copy', aMap(serializeLedger({ ...FIRST, since: EARLIER }))],
    ['is another cluster’s', aMap(serializeLedger({ ...FIRST, since: LATER, cluster: THERE }))],
  ];
  for (const [title, map] of ours) {
    it(title, () =>
      assert.deepEqual(checked(map), { intact: map === SAME || map === MORE, holds: true }),
    );
  }
});

describe('a ledger that this process no longer owns', () => {
  it('says off', () => {
    const { error, holds } = checked(aMap(serializeLedger(withdrawConsent(FIRST, LATER))));
    assert.ok(error instanceof WithdrawnElsewhere && !error.onAgain);
    assert.equal(holds, false);
  });

  it('says off since the same moment at which consent began', () => {
    assert.ok(checked(aMap(serializeLedger({ ...FIRST, consent: 'off' }))).error);
  });

  it('says off, whichever cluster it names', () => {
    const off = withdrawConsent({ ...FIRST, cluster: THERE }, LATER);
    assert.ok(checked(aMap(serializeLedger(off))).error instanceof WithdrawnElsewhere);
  });

  it('says off, even if it is an older copy', () => {
    const off = withdrawConsent(FIRST, EARLIER);
    assert.ok(checked(aMap(serializeLedger(off))).error instanceof WithdrawnElsewhere);
  });

  it('has a later consent', () => {
    const { error, holds } = checked(aMap(serializeLedger(restartConsent(FIRST, LATER))));
    assert.ok(error instanceof WithdrawnElsewhere && error.onAgain);
    assert.equal(error.since, LATER);
    assert.equal(holds, false);
  });

  it('is newer', () => {
    const { error, holds } = checked(aMap('{"version":99}'));
    assert.ok(error instanceof NewerLedger);
    assert.equal(holds, false);
  });

  it('is never owned again', () => {
    const { check, holds } = ownership({ since: FIRST.since, cluster: 'ab'.repeat(32) });
    assert.throws(() => check(aMap(serializeLedger(withdrawConsent(FIRST, LATER)))));
    check(aMap(serializeLedger(FIRST)));
    assert.equal(holds(), false);
  });
});

describe('isOwnershipLost', () => {
  it('is true for the errors that end the pipeline', () => {
    assert.ok(
      isOwnershipLost(new WithdrawnElsewhere({ consent: 'on', since: LATER })) &&
        isOwnershipLost(new NewerLedger()),
    );
    assert.ok(!isOwnershipLost(new KubeStatusError(409)));
  });
});
