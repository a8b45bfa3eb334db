import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  hasDay,
  NO_DAYS,
  neighboursOf,
  withDay,
} from '../../../../src/collector/store/sqlite/active-days.ts';

describe('active days', () => {
  it('are those of a set, whatever their order', () => {
    const day = fc.integer({ min: 20_000, max: 20_060 });
    fc.assert(
      fc.property(fc.array(day, { maxLength: 30 }), day, (added, asked) => {
        const days = added.reduce(withDay, NO_DAYS);
        const sorted = [...new Set(added)].sort((a, b) => a - b);
        assert.equal(hasDay(days, asked), sorted.includes(asked));
        assert.deepEqual(neighboursOf(days, asked), {
          previous: sorted.findLast((one) => one < asked),
          next: sorted.find((one) => one > asked),
        });
      }),
      { numRuns: 500, seed: 20_261_126 },
    );
  });

  const sizes = [
    { title: 'one day', added: [20_783], bytes: 5 },
    { title: 'a year', added: [20_000, 20_364], bytes: 50 },
    { title: 'a year from its end', added: [20_364, 20_000], bytes: 51 },
    { title: 'the epoch, and a day before it', added: [3, 0, -1], bytes: 6 },
  ];
  for (const { title, added, bytes } of sizes) {
    it(`take ${bytes} bytes for ${title}`, () => {
      const days = added.reduce(withDay, NO_DAYS);
      assert.equal(days.byteLength, bytes);
      for (const day of added) assert.ok(hasDay(days, day));
    });
  }
});
