import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HttpRefusal } from '../../../src/collector/http-refusal.ts';
import {
  MAX_PERIODS,
  parseView,
  queryOf,
  type ViewOptions,
} from '../../../src/collector/pages/view.ts';

const TODAY = '2026-11-26';
const SPAN = { from: '2026-01-10', to: '2026-11-26' };

function parse(
  text: string,
  { span = SPAN, maxPeriods = MAX_PERIODS.page }: Partial<ViewOptions> = {},
) {
  const query = Object.fromEntries(new URLSearchParams(text));
  return parseView(query, { today: TODAY, span, maxPeriods });
}

describe('the view of an address', () => {
  const cases = [
    {
      query: '',
      from: '2026-10-30',
      to: TODAY,
      by: 'day',
      comparison: '2026-10-30 2026-11-25, 2026-10-02 2026-10-28',
    },
    {
      query: 'range=7d',
      from: '2026-11-20',
      to: TODAY,
      by: 'day',
      comparison: '2026-11-20 2026-11-25, 2026-11-13 2026-11-18',
    },
    {
      query: 'range=90d',
      from: '2026-08-29',
      to: TODAY,
      by: 'day',
      comparison: '2026-08-29 2026-11-25, 2026-05-31 2026-08-27',
    },
    {
      query: 'range=year',
      from: '2025-11-27',
      to: TODAY,
      by: 'week',
      comparison: '2025-11-27 2026-11-25, 2024-11-27 2025-11-25',
    },
    { query: 'range=all', from: '2026-01-10', to: TODAY, by: 'week', comparison: '' },
    {
      query: 'range=7d&by=month',
      from: '2026-11-20',
      to: TODAY,
      by: 'month',
      comparison: '2026-11-20 2026-11-25, 2026-11-13 2026-11-18',
    },
    {
      query: 'from=2024-01-01&to=2026-01-01',
      from: '2024-01-01',
      to: '2026-01-01',
      by: 'month',
      comparison: '2024-01-01 2026-01-01, 2021-12-30 2023-12-31',
    },
    {
      query: 'from=2026-11-26',
      from: TODAY,
      to: TODAY,
      by: 'day',
      comparison: '',
    },
    {
      query: 'to=2026-01-11',
      from: '2026-01-10',
      to: '2026-01-11',
      by: 'day',
      comparison: '2026-01-10 2026-01-11, 2026-01-08 2026-01-09',
    },
    {
      query: 'from=2026-11-01&to=2026-11-30',
      from: '2026-11-01',
      to: '2026-11-30',
      by: 'day',
      comparison: '2026-11-01 2026-11-25, 2026-10-02 2026-10-26',
    },
    {
      query: 'to=2025-01-11',
      from: '2025-01-11',
      to: '2025-01-11',
      by: 'day',
      comparison: '2025-01-11 2025-01-11, 2025-01-10 2025-01-10',
    },
  ];
  for (const { query, from, to, by, comparison } of cases) {
    it(`is ${from} to ${to} by ${by} for "${query}"`, () => {
      const view = parse(query);
      assert.deepEqual([view.from, view.to, view.by], [from, to, by]);
      const ranges = Object.values(view.comparison ?? {});
      assert.equal(ranges.map((range) => `${range.from} ${range.to}`).join(', '), comparison);
      assert.deepEqual(parse(queryOf(view).slice(1)), view);
    });
  }

  it('of everything includes the day of a clock that is ahead', () => {
    const { from, to } = parse('range=all', {
      span: { from: '2026-11-20', to: '2026-11-27' },
    });
    assert.deepEqual([from, to], ['2026-11-20', '2026-11-27']);
  });

  it('of everything begins in 2020, if an event arrived while the clock was not set', () => {
    const span = { from: '1970-01-01', to: '2026-11-26' };
    for (const query of ['range=all', 'to=2026-11-26']) {
      const { from, to, by } = parse(query, { span });
      assert.deepEqual([from, to, by], ['2020-01-01', '2026-11-26', 'month']);
    }
  });

  it('of everything is today if there is nothing', () => {
    const options = { today: TODAY, span: undefined, maxPeriods: MAX_PERIODS.page };
    const view = parseView({ range: 'all' }, options);
    assert.deepEqual([view.from, view.to], [TODAY, TODAY]);
  });

  const refused = [
    { query: 'range=28', message: /"range" must be one of 7d, 28d, 90d, year, all/ },
    { query: 'range=', message: /"range" must be one of/ },
    { query: 'by=hour', message: /"by" must be day, week or month/ },
    { query: 'from=yesterday', message: /"from" must be a day, as in from=2026-11-23/ },
    { query: 'to=2026-02-30', message: /"to" must be a day/ },
    { query: 'from=&to=', message: /must be a day/ },
    { query: 'from=2026-11-02&to=2026-11-01', message: /"from" must not be after "to"/ },
    { query: 'from=2019-12-31&to=2020-01-01', message: /"from" must be 2020-01-01 or later/ },
    { query: 'from=0000-01-01&to=0000-01-01', message: /"from" must be 2020-01-01 or later/ },
    { query: 'to=9999-12-31', message: /"to" must be 2099-12-31 or earlier/ },
    { query: 'range=7d&from=2026-11-01', message: /not both/ },
    { query: 'from=2024-01-01&to=2026-01-01&by=day', message: /write by=week, or a shorter range/ },
    {
      query: 'from=2020-01-01&to=2030-01-01&by=day',
      message: /^This range is too long to divide by day: write by=month, or a shorter range\.$/,
    },
    { query: 'from=2020-01-01&to=2030-01-01&by=week', message: /by week: write by=month, or/ },
    {
      query: 'from=2020-01-01&to=2099-12-31&by=week',
      message: /^This range is too long to divide by week: write a shorter range\.$/,
    },
    {
      query: 'from=2020-01-01&to=2099-12-31',
      message: /^This range is too long to divide by month: write a shorter range\.$/,
    },
  ];
  it('has more days in a file', () => {
    const maxPeriods = MAX_PERIODS.file;
    assert.equal(parse('from=2024-01-01&to=2026-11-26&by=day', { maxPeriods }).by, 'day');
    const tooLong = () => parse('from=2020-01-01&to=2031-12-31&by=day', { maxPeriods });
    assert.throws(tooLong, /too long to divide by day: write by=week, or a shorter range\./);
  });

  for (const { query, message } of refused) {
    it(`is refused for "${query}"`, () => {
      assert.throws(
        () => parse(query),
        (error) =>
          error instanceof HttpRefusal && error.status === 400 && message.test(error.message),
      );
    });
  }
});
