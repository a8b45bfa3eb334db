import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMet, type Line, limitOf, ratioOf, shown } from '../../../lab/bench/line.ts';
import { median } from '../../../lab/support/median.ts';

const LINE: Line = {
  section: 'memory',
  what: 'settled',
  unit: 'MiB',
  figure: { of: 'operator', value: 60 },
  against: { of: 'node', value: 40 },
};

describe('a line of the bench', () => {
  it('is a ratio of two figures', () => {
    assert.equal(ratioOf(LINE), 1.5);
  });

  const cases = [
    { title: 'has no verdict without a target', target: {}, limit: undefined, met: undefined },
    { title: 'may be so many times', target: { target: { ratio: 1.5 } }, limit: 60, met: true },
    { title: 'may be no more times', target: { target: { ratio: 1.4 } }, limit: 56, met: false },
    {
      title: 'must be so many times',
      target: { target: { leastRatio: 1.5 } },
      limit: 60,
      met: true,
    },
    { title: 'must be more times', target: { target: { leastRatio: 1.6 } }, limit: 64, met: false },
    { title: 'may be so much', target: { target: { value: 60 } }, limit: 60, met: true },
    { title: 'may be no more', target: { target: { value: 59 } }, limit: 59, met: false },
  ];
  for (const { title, target, limit, met } of cases) {
    it(title, () => {
      const line = { ...LINE, ...target };
      assert.equal(limitOf(line), limit);
      assert.equal(isMet(line), met);
    });
  }
});

describe('median', () => {
  const cases = [
    { values: [3], expected: 3 },
    { values: [10, 9, 1], expected: 9 },
    { values: [4, 1, 3, 2], expected: 3 },
    { values: [], expected: Number.NaN },
  ];
  for (const { values, expected } of cases) {
    it(`of ${JSON.stringify(values)} is ${expected}`, () => {
      assert.equal(median(values), expected);
    });
  }
});

describe('shown', () => {
  const cases = [
    { value: 3, unit: '', expected: '3' },
    { value: 0.256, unit: 's', expected: '0.26 s' },
    { value: 61.44, unit: 'MiB', expected: '61.4 MiB' },
    { value: 776.4, unit: 'MiB', expected: '776 MiB' },
  ] as const;
  for (const { value, unit, expected } of cases) {
    it(`${value} as ${expected}`, () => {
      assert.equal(shown(value, unit), expected);
    });
  }
});
