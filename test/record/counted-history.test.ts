import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  HISTORY_UNKNOWN,
  historyAfter,
  NOTHING_COUNTED,
  PERIODS_KEPT,
} from '../../src/record/counted-history.ts';
import { creations } from '../../src/record/creations.ts';
import { baselineAtNextList } from '../../src/record/kind-ledger.ts';

const moment = (createdAt: number) => ({ createdAt, resourceVersion: `${createdAt}0` });
const COUNT = {
  earlier: NOTHING_COUNTED,
  baseline: false,
  countedFrom: moment(100),
  watermark: 200,
  resourceVersion: '2000',
};
const END = { began: 90, ended: 210, oldestPending: undefined };

describe('the history of a kind after a consent', () => {
  it('has the time in which it was counted', () => {
    assert.deepEqual(historyAfter(COUNT, END), {
      complete: true,
      periods: [{ began: 90, after: moment(100), until: moment(200), ended: 210 }],
    });
  });

  it('ends before the oldest pending creation, which was dropped', () => {
    const { periods } = historyAfter(COUNT, { ...END, oldestPending: 150 });
    assert.deepEqual(periods[0]?.until, { createdAt: 149, resourceVersion: '0' });
  });

  it('is sure of nothing if the first list was still to come', () => {
    const count = { ...COUNT, baseline: true, countedFrom: undefined };
    const nothing = { createdAt: 90, resourceVersion: '0' };
    assert.deepEqual(historyAfter(count, END), {
      complete: true,
      periods: [{ began: 90, after: nothing, until: nothing, ended: 210 }],
    });
  });

  it('is unknown if an older version began the count', () => {
    assert.deepEqual(historyAfter({ ...COUNT, countedFrom: undefined }, END), HISTORY_UNKNOWN);
  });

  it('keeps the last periods, and is incomplete once it has dropped one', () => {
    let earlier = NOTHING_COUNTED;
    const lengths: string[] = [];
    for (let index = 0; index < PERIODS_KEPT + 2; index += 1) {
      earlier = historyAfter({ ...COUNT, earlier }, { ...END, ended: 210 + index });
      lengths.push(`${earlier.periods.length} ${earlier.complete}`);
    }
    assert.deepEqual(lengths.slice(-3), ['8 true', '8 false', '8 false']);
    assert.equal(earlier.periods.at(-1)?.ended, 210 + PERIODS_KEPT + 1);
  });
});

describe('a baseline', () => {
  const sighting = (uid: string, createdAt: number) => ({
    ...{ kind: 'API' as const, uid, createdAt },
    resourceVersion: '7',
    seenAt: 1_000,
  });

  it('is remembered with its newest resource and its resourceVersion', () => {
    const kind = creations(baselineAtNextList(), { since: 0 });
    const listing = kind.listing();
    listing.take([sighting('a', 300), sighting('b', 500), sighting('c', 400)]);
    listing.complete();
    kind.progressed('77');
    assert.deepEqual(kind.ledger().baselineAt, { createdAt: 500, resourceVersion: '77' });
    kind.progressed('88');
    assert.deepEqual(kind.ledger().baselineAt, { createdAt: 500, resourceVersion: '77' });
  });

  it('has no newest resource if there is none', () => {
    const kind = creations(baselineAtNextList(), { since: 0 });
    kind.listing().complete();
    kind.progressed('77');
    assert.equal(kind.ledger().baselineAt?.createdAt, 0);
  });

  it('is remembered with the time at which the kind did not exist', () => {
    const kind = creations(baselineAtNextList(), { since: 0 });
    kind.absent(600);
    assert.deepEqual(kind.ledger().baselineAt, { createdAt: 600, resourceVersion: '0' });
  });
});
