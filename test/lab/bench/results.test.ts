import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Line } from '../../../lab/bench/line.ts';
import { merge, withOtherEngine } from '../../../lab/bench/results.ts';

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

  it('keep the lines of the store that was left out', () => {
    const line = (what: string): Line => ({
      section: 'store',
      what,
      unit: 'ms',
      figure: { of: 'collector', value: 1 },
      against: { of: 'bare insert', value: 1 },
    });
    const old = ['ingest, 4 events in SQLite', 'ingest, 1 events in ClickHouse'].map(line);
    const lines = [line('ingest, 9 events in ClickHouse')];
    assert.deepEqual(withOtherEngine(lines, { old }), [old[0], ...lines]);
  });
});
