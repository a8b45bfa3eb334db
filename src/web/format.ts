/** A figure, or `null` if it must not be shown. */
export type Figure = number | null;

/** What stands for a figure that must not be shown. */
export const HIDDEN = 'not shown';

const COUNT = new Intl.NumberFormat('en');
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });
/** For less than 1%: `0.2%` and not `0%`. */
const SMALL_PERCENT = new Intl.NumberFormat('en', {
  style: 'percent',
  maximumSignificantDigits: 1,
});
const DAY = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const SHORT_DAY = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
});

/** Returns `1,234`, or `not shown` for a figure that must not be shown. */
export function formatCount(figure: Figure): string {
  return figure === null ? HIDDEN : COUNT.format(figure);
}

/** Returns `25%` for 0.25, and `0.2%` for 0.0021. */
export function formatPercent(share: number): string {
  return (share < 0.01 ? SMALL_PERCENT : PERCENT).format(share);
}

/** Returns `23 Nov 2026` for the UTC day `2026-11-23`. */
export function formatDay(day: string): string {
  return DAY.format(Date.parse(day));
}

/** Returns `23 Nov` for the UTC day `2026-11-23`. */
export function formatShortDay(day: string): string {
  return SHORT_DAY.format(Date.parse(day));
}
