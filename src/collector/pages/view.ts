import { addDays, daysIn, EARLIEST_DAY } from '../day.ts';
import { assertOrdered, dayParameter, type Query, wrongQuery } from '../numbers/query.ts';
import type { DayRange } from '../store/snapshot.ts';
import { BYS, type By, UNITS } from './periods.ts';

/** The ranges that end today, by their name in the address, in days. `all` has its own rule. */
const LAST_DAYS = { '7d': 7, '28d': 28, '90d': 90, year: 365 } as const;
export const RANGES = ['7d', '28d', '90d', 'year', 'all'] as const;
export type RangeName = (typeof RANGES)[number];
const DEFAULT_RANGE = '28d';
const LATEST_DAY = '2099-12-31';

/** The most days, weeks or months of a page, which are its bars, and of a file. */
export const MAX_PERIODS = { page: 400, file: 4_000 } as const;
/** Sparse counts of more days than this are drawn by week, and of more than two years by month. */
const MAX_DAYS = { day: 92, week: 731 };

/** Two times as many days as each other: those that are compared, and earlier ones. */
export interface Comparison<Days extends DayRange = DayRange> {
  readonly compared: Days;
  readonly before: Days;
}

/** What a page shows: which days, and how they are divided. */
export interface View extends DayRange {
  /** `undefined` if the range is two dates. */
  readonly name: RangeName | undefined;
  readonly by: By;
  /** Whether the address says how the range is divided. */
  readonly isByGiven: boolean;
  /** The current UTC day. */
  readonly today: string;
  /** `undefined` if the range is everything, or if none of its days is over. */
  readonly comparison: Comparison | undefined;
}

export interface ViewOptions {
  readonly today: string;
  /** The days that have events. */
  readonly span: DayRange | undefined;
  /** One of `MAX_PERIODS`. */
  readonly maxPeriods: number;
}

/** Returns the view that an address asks for. Throws 400 with what to write instead. */
export function parseView(query: Query, options: ViewOptions): View {
  const { today, maxPeriods } = options;
  const { name, from, to } = rangeIn(query, options);
  const days = daysIn({ from, to });
  const by = byIn(query) ?? defaultBy(days);
  const allowed = dividersOf({ from, to }, { maxPeriods });
  if (!allowed.includes(by)) {
    const coarser = allowed.length > 0 ? `by=${allowed[0]}, or ` : '';
    throw wrongQuery(`This range is too long to divide by ${by}: write ${coarser}a shorter range.`);
  }
  return {
    name,
    from,
    to,
    by,
    isByGiven: query.by !== undefined,
    today,
    comparison: name === 'all' ? undefined : comparisonOf({ from, to }, { today }),
  };
}

/**
 * Returns the days of a range that are over, and the same days of the range before it. A part of today would look like a fall.
 * The day that today would be compared with is left out too, so that both have the same weekdays if the range is of whole weeks.
 */
function comparisonOf(
  { from, to }: DayRange,
  { today }: Pick<ViewOptions, 'today'>,
): Comparison | undefined {
  const last = earlier(to, addDays(today, { days: -1 }));
  if (last < from) return undefined;
  const days = -daysIn({ from, to });
  return {
    compared: { from, to: last },
    before: { from: addDays(from, { days }), to: addDays(last, { days }) },
  };
}

/** Returns by what a range can be divided, the finest first. */
export function dividersOf(
  range: DayRange,
  { maxPeriods }: Pick<ViewOptions, 'maxPeriods'>,
): readonly By[] {
  const days = daysIn(range);
  return BYS.filter((by) => days / UNITS[by].minDays <= maxPeriods);
}

/** Returns the query of an address that has the same view. */
export function queryOf({ name, from, to, by, isByGiven }: View, change: { by?: By } = {}): string {
  const range = name === undefined ? `from=${from}&to=${to}` : `range=${name}`;
  const given = change.by ?? (isByGiven ? by : undefined);
  return given === undefined ? `?${range}` : `?${range}&by=${given}`;
}

function rangeIn(query: Query, options: ViewOptions) {
  const hasDates = query.from !== undefined || query.to !== undefined;
  if (!hasDates) return namedRange(query.range ?? DEFAULT_RANGE, options);
  if (query.range !== undefined) throw wrongQuery('Write "range", or "from" and "to", not both.');
  return datesIn(query, options);
}

function namedRange(name: string, { today, span }: ViewOptions) {
  if (!isRangeName(name)) throw wrongQuery(`"range" must be one of ${RANGES.join(', ')}.`);
  if (name !== 'all') {
    return { name, from: addDays(today, { days: 1 - LAST_DAYS[name] }), to: today };
  }
  const { from, to } = span ?? { from: today, to: today };
  // A sender's clock can be a day ahead, and the collector's was perhaps not set when its first event arrived.
  const first = later(earlier(from, today), EARLIEST_DAY);
  return { name, from: first, to: later(later(to, today), first) };
}

function datesIn(query: Query, { today, span }: ViewOptions) {
  const to = dayParameter(query, { name: 'to' }) ?? today;
  const from =
    dayParameter(query, { name: 'from' }) ?? earlier(later(span?.from ?? to, EARLIEST_DAY), to);
  assertOrdered({ from, to });
  if (from < EARLIEST_DAY) throw wrongQuery(`"from" must be ${EARLIEST_DAY} or later.`);
  if (to > LATEST_DAY) throw wrongQuery(`"to" must be ${LATEST_DAY} or earlier.`);
  return { name: undefined, from, to };
}

function byIn({ by }: Query): By | undefined {
  if (by === undefined) return undefined;
  const found = BYS.find((one) => one === by);
  if (found) return found;
  throw wrongQuery('"by" must be day, week or month.');
}

function defaultBy(days: number): By {
  if (days <= MAX_DAYS.day) return 'day';
  return days <= MAX_DAYS.week ? 'week' : 'month';
}

function isRangeName(name: string): name is RangeName {
  return RANGES.some((one) => one === name);
}

function later(one: string, other: string): string {
  return one > other ? one : other;
}

function earlier(one: string, other: string): string {
  return one < other ? one : other;
}
