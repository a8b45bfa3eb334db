import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatPercent } from '../../src/web/format.ts';

describe('a share', () => {
  it('is in whole percent, unless it is less than one', () => {
    const shares = [0, 0.0004, 0.002, 0.0099, 0.014, 0.25, 12.5];
    assert.deepEqual(shares.map(formatPercent), [
      ...['0%', '0.04%', '0.2%', '1%', '1%', '25%'],
      '1,250%',
    ]);
  });
});
