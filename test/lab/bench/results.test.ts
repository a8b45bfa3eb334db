import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { merge } from '../../../lab/bench/results.ts';

const measured = (at: string) => ({ at, quick: false, lines: [] });

describe('the results of the bench', () => {
  it('start with the first section', () => {
    const now = { machine: 'm', sections: { sync: measured('1') } };
    assert.deepEqual(merge(undefined, now), now);
  });

  it('keep the sections that were not measured again', () => {
    const old = { machine: 'old', sections: { sync: measured('1'), rest: measured('1') } };
    const now = { machine: 'new', sections: { sync: measured('2') } };
    assert.deepEqual(merge(old, now), {
      machine: 'new',
      sections: { sync: measured('2'), rest: measured('1') },
    });
  });
});
