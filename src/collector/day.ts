import { utcDay } from '../event.ts';

/** No event counts for an earlier day: the privacy policy is from after it. */
export const EARLIEST_DAY = '2020-01-01';
const EARLIEST = Date.parse(EARLIEST_DAY);
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Returns the UTC day that an event counts for, in days since the epoch.
 *
 * It is the day of the event's timestamp. If that is before 2020 or more than 24 hours ahead of the
 * collector's clock, it is the day on which the event was received, or the first of 2020 if that clock was not set yet.
 */
export function dayOf(timestamp: string, { receivedAt }: { readonly receivedAt: number }): number {
  const ms = Date.parse(timestamp);
  const counted = ms >= EARLIEST && ms <= receivedAt + DAY_MS ? ms : Math.max(receivedAt, EARLIEST);
  return Math.floor(counted / DAY_MS);
}

/** Returns the days from the epoch to a UTC day. */
export function dayNumber(day: string): number {
  return Date.parse(day) / DAY_MS;
}

/** Returns the UTC day that is so many days after the epoch. */
export function dayFromNumber(number: number): string {
  return utcDay(number * DAY_MS);
}

/** Returns the UTC day that is this number of days after another one, or before it if `days` is negative. */
export function addDays(day: string, { days }: { readonly days: number }): string {
  return utcDay(Date.parse(day) + days * DAY_MS);
}

/** Returns how many days a range has. Both ends are included. */
export function daysIn({ from, to }: { readonly from: string; readonly to: string }): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
}

/** Returns whether `text` is a day of the calendar, such as `2026-11-23`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && utcDay(ms) === text;
}
