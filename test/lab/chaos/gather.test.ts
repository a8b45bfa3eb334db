import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withUnseen } from '../../../lab/chaos/gather.ts';

const AUDIT = {
  creations: [],
  removals: new Map([['noted', 7]]),
  revisions: [
    { at: '2026-11-24T12:00:01.000000Z', revision: 10 },
    { at: '2026-11-24T12:00:02.000000Z', revision: 20 },
    { at: '2026-11-24T12:00:03.000000Z', revision: 30 },
  ],
  crdRemovals: [],
  ledger: [],
};
const removedAfter = (uid: string, askedAt: string) =>
  withUnseen(AUDIT, [{ uid, askedAt }]).removals.get(uid);

describe('a deletion without a response', () => {
  it('is later than all that was noted before it was asked for', () => {
    assert.equal(removedAfter('unseen', '2026-11-24T12:00:02.500000Z'), 20);
    assert.equal(removedAfter('unseen', '2026-11-24T12:00:09.000000Z'), 30);
    assert.equal(removedAfter('unseen', '2026-11-24T12:00:00.000000Z'), 0);
  });

  it('is the one that the audit log has, if it has it', () => {
    assert.equal(removedAfter('noted', '2026-11-24T12:00:09.000000Z'), 7);
  });
});
