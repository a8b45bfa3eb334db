import { utcDay } from '../../event.ts';
import { addDays, EARLIEST_DAY } from '../day.ts';
import { assertOrdered, dayParameter, type Query, wrongQuery } from '../numbers/query.ts';
import { UNITS } from './periods.ts';
import { lastPublishedDay } from './published.ts';
import type { PeriodFigures } from './report.ts';
import type { RangeName, View } from './view.ts';

/** The ranges of the public: the last twelve published months, and all of them. */
export const PUBLIC_RANGES = ['year', 'all'] as const satisfies readonly RangeName[];
type PublicRange = (typeof PUBLIC_RANGES)[number];

const MONTHS_OF_YEAR = 12;

export interface PublicViewOptions {
  readonly today: string;
  /** All published months. */
  readonly months: readonly PeriodFigures[];
}

/**
 * Returns the view that an address asks for without the read key: whole published months.
 *
 * Throws 400 with what to write for any other. Nothing here depends on an event, but by the figures of `months`.
 */
export function parsePublicView(query: Query, { today, months }: PublicViewOptions): View {
  if (query.by !== undefined && query.by !== 'month') throw refused('"by" must be month');
  const last = lastPublishedDay(today);
  const { name, from, to } = rangeIn(query, { last, months });
  const count = months.filter((month) => month.from >= from && month.to <= to).length;
  const before = { from: monthsBefore(from, count), to: addDays(from, { days: -1 }) };
  return {
    name,
    from,
    to,
    by: 'month',
    isByGiven: query.by !== undefined,
    today,
    comparison: name === 'all' ? undefined : { compared: { from, to }, before },
  };
}

interface RangeOptions extends Pick<PublicViewOptions, 'months'> {
  /** The last day of the last published month. */
  readonly last: string;
}

function rangeIn(query: Query, { last, months }: RangeOptions) {
  const year = monthsBefore(UNITS.month.start(last), MONTHS_OF_YEAR - 1);
  if (query.from !== undefined || query.to !== undefined) return datesIn(query, { last, year });
  const name = query.range ?? 'year';
  if (!isPublicRange(name)) throw refused(`"range" must be ${PUBLIC_RANGES.join(' or ')}`);
  const first = months.find(({ figures }) => Object.values(figures).some((one) => one !== null));
  return { name, from: name === 'all' ? (first?.from ?? year) : year, to: last };
}

function datesIn(query: Query, { last, year }: { readonly last: string; readonly year: string }) {
  if (query.range !== undefined) throw wrongQuery('Write "range", or "from" and "to", not both.');
  const from = dayParameter(query, { name: 'from' }) ?? EARLIEST_DAY;
  const to = dayParameter(query, { name: 'to' }) ?? last;
  if (from < EARLIEST_DAY) throw wrongQuery(`"from" must be ${EARLIEST_DAY} or later.`);
  const areWhole = from === UNITS.month.start(from) && to === UNITS.month.end(to);
  if (!areWhole || from > last || to < EARLIEST_DAY || to > last) {
    throw refused(`a range is whole months until ${last}, as in from=${year}&to=${last}`);
  }
  assertOrdered({ from, to });
  return { name: undefined, from, to };
}

function refused(what: string) {
  return wrongQuery(`Without the read key, ${what}.`);
}

/** Returns the first day of the month that is so many months before that of a day. */
function monthsBefore(day: string, count: number): string {
  const date = new Date(day);
  return utcDay(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - count, 1));
}

function isPublicRange(name: string): name is PublicRange {
  return PUBLIC_RANGES.some((one) => one === name);
}
