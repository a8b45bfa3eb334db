import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuditRecord } from '../../../lab/chaos/audit.ts';
import { EPOCH, epochAt, type LedgerState } from '../../../lab/chaos/evidence.ts';
import { silencesIn, withRemoval } from '../../../lab/chaos/gather.ts';
import { stateOf } from '../../../lab/chaos/ledger-state.ts';
import { firstLedger } from '../../../src/record/ledger.ts';

const at = (second: number) => `2026-11-24T10:00:${second.toFixed(6).padStart(9, '0')}Z`;
/** etcd was put back twice: to revision 100 at second 20, then to revision 150 of what came after. */
const RESTORES = [
  { backedUp: 100, at: at(20) },
  { backedUp: EPOCH + 150, at: at(40) },
];

describe('resourceVersions after a restore of etcd', () => {
  it('are later than all those before it', () => {
    const epochs = [19, 21, 39, 41].map((second) => epochAt(at(second), RESTORES));
    assert.deepEqual(epochs, [0, EPOCH, EPOCH, 2 * EPOCH]);
  });

  const revisions = [
    { title: 'are taken as they are before any restore', second: 10, known: 300, seen: 300 },
    {
      title: 'are of the new history once they fit into it',
      second: 30,
      known: EPOCH + 130,
      seen: EPOCH + 300,
    },
    {
      title: 'are of the old history while they are ahead of the new',
      second: 30,
      known: EPOCH + 90,
      seen: 300,
    },
  ];
  for (const { title, second, known, seen } of revisions) {
    it(`${title}, in a ledger`, () => {
      const birth = { createdAt: Date.parse(at(1)) / 1000, resourceVersion: '7' };
      const { kinds, ...ledger } = firstLedger(birth);
      const API = { ...kinds.API, resourceVersion: '300' };
      const during = { from: at(second), to: at(second + 0.1) };
      const state = stateOf(
        { ...ledger, kinds: { ...kinds, API } },
        { during, restores: RESTORES, known },
      );
      assert.deepEqual([state.kinds.API.revision, state.kinds.API.birth], [seen, 7]);
    });
  }
});

describe('what a restore of etcd does to a creation', () => {
  const cases = [
    { title: 'keeps what the backup holds', revision: 90, expected: {} },
    {
      title: 'removes what came after the backup, at the end of its history',
      revision: 110,
      expected: { removedAfter: EPOCH - 1, withRestore: true },
    },
    {
      title: 'keeps what was created after it',
      revision: EPOCH + 110,
      expected: {},
    },
    {
      title: 'removes what came after the second backup',
      revision: EPOCH + 160,
      expected: { removedAfter: 2 * EPOCH - 1, withRestore: true },
    },
    {
      title: 'undoes a deletion that came after the backup',
      revision: 90,
      removal: 105,
      expected: {},
    },
    {
      title: 'leaves a deletion from before the backup',
      revision: 90,
      removal: 95,
      expected: { removedAfter: 95 },
    },
    {
      title: 'leaves a deletion from after the restore',
      revision: 90,
      removal: EPOCH + 120,
      expected: { removedAfter: EPOCH + 120 },
    },
    {
      title: 'comes after a deletion of what the backup does not hold',
      revision: 110,
      removal: 115,
      expected: { removedAfter: 115 },
    },
  ] as const;
  for (const { title, revision, expected, ...rest } of cases) {
    it(title, () => {
      const removals = new Map('removal' in rest ? [['uid', rest.removal]] : []);
      const audit: AuditRecord = {
        creations: [],
        removals,
        revisions: [],
        crdRemovals: [],
        ledger: [],
      };
      const creation = {
        kind: 'API',
        uid: 'uid',
        revision,
        during: { from: at(1), to: at(2) },
      } as const;
      const options = { audit, clusterId: 'cluster', restores: RESTORES };
      const { removedAfter, withRestore } = withRemoval(creation, options);
      const found = {
        ...(removedAfter !== undefined && { removedAfter }),
        ...(withRestore && { withRestore }),
      };
      assert.deepEqual(found, expected);
    });
  }
});

describe('a silence that the ledger shows', () => {
  const wrote = (second: number, consent: 'on' | 'off') =>
    ({ consent, during: { from: at(second), to: at(second + 0.5) } }) as LedgerState;

  it('begins when every leader must have read it, and ends with the next consent', () => {
    assert.deepEqual(silencesIn([wrote(1, 'on'), wrote(2, 'off'), wrote(50, 'on')]), [
      { from: at(17.5), to: at(50) },
    ]);
  });

  it('is none where consent came back sooner, or never', () => {
    assert.deepEqual(silencesIn([wrote(2, 'off'), wrote(10, 'on'), wrote(30, 'off')]), []);
  });
});
