import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLaterConsent, latestSince, nextSince } from '../../src/record/since.ts';

const EARLY = '2026-11-23T12:00:00.000Z';
const LATE = '2026-11-24T12:00:00.000Z';

describe('the changes of consent', () => {
  it('are in the order of their times, and all are later than none', () => {
    assert.ok(isLaterConsent(LATE, EARLY) && isLaterConsent(EARLY, undefined));
    assert.ok(!isLaterConsent(EARLY, LATE) && !isLaterConsent(EARLY, EARLY));
    assert.equal(latestSince(EARLY, LATE), LATE);
    assert.equal(latestSince(LATE, EARLY), LATE);
    assert.equal(latestSince(EARLY, undefined), EARLY);
  });

  it('each have the current time', () => {
    assert.equal(nextSince(Date.parse(LATE), undefined, EARLY), LATE);
  });

  it('are each later than those before, even if the clock is behind', () => {
    assert.equal(nextSince(0, EARLY, LATE), '2026-11-24T12:00:00.001Z');
    assert.equal(nextSince(Date.parse(EARLY), LATE, EARLY), '2026-11-24T12:00:00.001Z');
  });
});
