import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { believedClock } from '../../src/record/believed-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-23T12:00:00Z');

function setup() {
  let steady = 0;
  let skew = 0;
  const believedNow = believedClock({ now: () => START + steady + skew, steady: () => steady });
  return {
    /** Returns how far the believed time is from the true one after `ms` milliseconds. */
    after(ms: number): number {
      steady += ms;
      return believedNow() - START - steady;
    },
    jump(ms: number): void {
      skew += ms;
    },
  };
}

describe('a clock that jumps', () => {
  for (const jump of [HOUR, -HOUR, DAY, -DAY]) {
    it(`by ${jump / HOUR} hours is accepted immediately`, () => {
      const clock = setup();
      clock.jump(jump);
      assert.equal(clock.after(MINUTE), jump);
    });
  }

  for (const jump of [2 * DAY, -2 * DAY, 4_000 * DAY]) {
    it(`by ${jump / DAY} days for a short time is not accepted`, () => {
      const clock = setup();
      clock.jump(jump);
      for (let count = 0; count < 59; count += 1) assert.equal(clock.after(MINUTE), 0);
      clock.jump(-jump);
      assert.equal(clock.after(MINUTE), 0);
      assert.equal(clock.after(2 * HOUR), 0);
    });

    it(`by ${jump / DAY} days that lasts is accepted after an hour`, () => {
      const clock = setup();
      clock.jump(jump);
      assert.equal(clock.after(MINUTE), 0);
      assert.equal(clock.after(59 * MINUTE), 0);
      assert.equal(clock.after(MINUTE), jump);
    });
  }

  it('again while it is suspected is suspected for another hour', () => {
    const clock = setup();
    clock.jump(2 * DAY);
    clock.after(50 * MINUTE);
    clock.jump(2 * DAY);
    assert.equal(clock.after(50 * MINUTE), 0);
    assert.equal(clock.after(HOUR), 4 * DAY);
  });
});
