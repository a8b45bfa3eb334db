import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addDays, daysIn } from '../../../src/collector/day.ts';
import { type By, periodsOf, UNITS } from '../../../src/collector/pages/periods.ts';

const TODAY = '2026-11-26';

function shown(from: string, to: string, by: By): readonly string[] {
  return periodsOf({ from, to }, { by, today: TODAY }).map(
    (period) => `${period.from} ${period.to} ${period.isComplete ? 'complete' : 'part'}`,
  );
}

describe('the periods of a range', () => {
  it('are its days, of which the current one is not complete', () => {
    assert.deepEqual(shown('2026-11-25', '2026-11-26', 'day'), [
      '2026-11-25 2026-11-25 complete',
      '2026-11-26 2026-11-26 part',
    ]);
  });

  it('are weeks from Monday to Sunday, cut at both ends', () => {
    assert.deepEqual(shown('2026-11-12', '2026-11-26', 'week'), [
      '2026-11-12 2026-11-15 part',
      '2026-11-16 2026-11-22 complete',
      '2026-11-23 2026-11-26 part',
    ]);
  });

  it('are months, also of a leap year', () => {
    assert.deepEqual(shown('2024-01-31', '2024-03-31', 'month'), [
      '2024-01-31 2024-01-31 part',
      '2024-02-01 2024-02-29 complete',
      '2024-03-01 2024-03-31 complete',
    ]);
  });

  it('have each day of the range once', () => {
    const day = fc.nat(2_000).map((days) => addDays('2023-01-01', { days }));
    fc.assert(
      fc.property(
        day,
        fc.nat(500),
        fc.constantFrom<By>('day', 'week', 'month'),
        (from, days, by) => {
          const to = addDays(from, { days });
          const periods = periodsOf({ from, to }, { by, today: TODAY });
          assert.equal(periods[0]?.from, from);
          assert.equal(periods.at(-1)?.to, to);
          assert.equal(
            periods.reduce((sum, period) => sum + daysIn(period), 0),
            days + 1,
          );
          for (const [i, period] of periods.slice(1).entries()) {
            assert.equal(period.from, addDays(periods[i]?.to ?? '', { days: 1 }));
            assert.equal(UNITS[by].start(period.from), period.from);
          }
        },
      ),
      { seed: 20_261_126 },
    );
  });
});
