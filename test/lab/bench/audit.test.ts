import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countInTurn } from '../../../lab/bench/audit.ts';

describe('requests that are counted in turn', () => {
  const every5s = (from: number) => Array.from({ length: 70 }, (_, index) => from + index * 5_001);

  it('are as many for two that are as frequent, whenever each begins', () => {
    const counts = [0, 1_700, 4_999].map((from) => countInTurn(every5s(from), 300_000));
    assert.deepEqual(counts, [59, 59, 59]);
  });

  it('are one more where there was one more', () => {
    assert.equal(countInTurn([...every5s(0), 2_000], 300_000), 60);
  });

  it('are none where there were none', () => {
    assert.equal(countInTurn([], 300_000), 0);
  });
});
