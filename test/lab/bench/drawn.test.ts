import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Line } from '../../../lab/bench/line.ts';
import { chart } from '../../../lab/bench/svg.ts';
import { table } from '../../../lab/bench/table.ts';

const FREE: Line = {
  section: 'sync',
  what: 'exec to synced',
  unit: 'ms',
  figure: { of: 'operator', value: 300 },
  against: { of: 'client-go', value: 200 },
};
const MET: Line = { ...FREE, target: { ratio: 1.5 } };
const MISSED: Line = { ...FREE, target: { value: 299 } };

describe('the table', () => {
  it('shows both figures, their ratio, the target and whether it is met', () => {
    assert.deepEqual(table([FREE, MET, MISSED]).split('\n').slice(2), [
      '| exec to synced, operator | 300 ms | client-go | 200 ms | 1.50 |  |  |',
      '| exec to synced, operator | 300 ms | client-go | 200 ms | 1.50 | 1.5 times | yes |',
      '| exec to synced, operator | 300 ms | client-go | 200 ms | 1.50 | 299 ms | **no** |',
    ]);
  });

  it('shows the ratio before the work, if it was measured then', () => {
    const before = { ...FREE, figure: { of: 'operator', value: 400 } };
    const other = { ...FREE, what: 'settled' };
    assert.deepEqual(table([MET, other], [before]).split('\n').slice(2), [
      '| exec to synced, operator | 300 ms | client-go | 200 ms | 1.50 | 2.00 | 1.5 times | yes |',
      '| settled, operator | 300 ms | client-go | 200 ms | 1.50 |  |  |  |',
    ]);
  });
});

describe('the drawing', () => {
  it('has two bars a line, on a scale of the line', () => {
    const widths = [...chart('Sync', [FREE]).matchAll(/<rect x="300" .*?width="([\d.]+)"/g)];
    assert.deepEqual(
      widths.map(([, width]) => Number(width)),
      [400, 266.7],
    );
  });

  it('has a stroke where there is a target', () => {
    assert.equal(chart('Sync', [FREE]).includes('stroke-dasharray'), false);
    assert.ok(chart('Sync', [MET]).includes('stroke-dasharray'));
  });

  it('distinguishes a target that is met from one that is missed', () => {
    assert.notEqual(chart('Sync', [MET]).replaceAll(/<line.*/g, ''), chart('Sync', [MISSED]));
    assert.match(chart('Sync', [MISSED]), /#c62828/);
    assert.doesNotMatch(chart('Sync', [MET]), /#c62828/);
  });

  it('escapes what would be markup', () => {
    assert.match(chart('a < b & c', []), /a &lt; b &amp; c/);
  });
});
