import { utcDay } from '../../event.ts';
import { formatDay, formatShortDay } from '../../web/format.ts';
import { addDays } from '../day.ts';
import type { DayRange } from '../store/snapshot.ts';

/** By what a range is divided, the finest first. */
export const BYS = ['day', 'week', 'month'] as const;
export type By = (typeof BYS)[number];

/** A day, a week or a month of a range. The range's ends can cut the first and the last one. */
export interface Period extends DayRange {
  /** Whether all of its days are in the range and over. */
  readonly isComplete: boolean;
}

export interface PeriodOptions {
  readonly by: By;
  /** The current UTC day. */
  readonly today: string;
}

interface Unit {
  readonly minDays: number;
  /** Returns the first day of the unit that a day is in. */
  readonly start: (day: string) => string;
  /** Returns its last day. */
  readonly end: (day: string) => string;
  /** Names a period for a reader. */
  readonly label: (period: DayRange) => string;
}

const MONTH = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  month: 'short',
  year: 'numeric',
});

/** Weeks begin on Monday, as in ISO 8601. */
export const UNITS: Readonly<Record<By, Unit>> = {
  day: { minDays: 1, start: (day) => day, end: (day) => day, label: ({ from }) => formatDay(from) },
  week: {
    minDays: 7,
    start: (day) => addDays(day, { days: -daysSinceMonday(day) }),
    end: (day) => addDays(day, { days: 6 - daysSinceMonday(day) }),
    label: ({ from, to }) => `${formatShortDay(from)} – ${formatDay(to)}`,
  },
  month: {
    minDays: 28,
    start: (day) => `${day.slice(0, 7)}-01`,
    end: lastOfMonth,
    label: ({ from }) => MONTH.format(Date.parse(from)),
  },
};

/** Returns the periods of a range in order. Together they have each of its days once. */
export function periodsOf({ from, to }: DayRange, { by, today }: PeriodOptions): readonly Period[] {
  const { start, end } = UNITS[by];
  const periods: Period[] = [];
  for (let day = from; day <= to; ) {
    const last = end(day);
    const isWhole = start(day) === day && last <= to;
    const until = last < to ? last : to;
    periods.push({ from: day, to: until, isComplete: isWhole && last < today });
    day = addDays(until, { days: 1 });
  }
  return periods;
}

function daysSinceMonday(day: string): number {
  return (new Date(day).getUTCDay() + 6) % 7;
}

function lastOfMonth(day: string): string {
  const date = new Date(day);
  return utcDay(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0));
}
