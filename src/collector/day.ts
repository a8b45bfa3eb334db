import { utcDay } from '../event.ts';

/** The privacy policy is from after this time. */
const EARLIEST = Date.parse('2020-01-01T00:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Returns the UTC day that an event counts for.
 *
 * It is the day of the event's timestamp. If that is before 2020 or more than 24 hours ahead of the
 * collector's clock, it is the day on which the event was received.
 */
export function dayOf(timestamp: string, { receivedAt }: { readonly receivedAt: number }): string {
  const ms = Date.parse(timestamp);
  return utcDay(ms >= EARLIEST && ms <= receivedAt + DAY_MS ? ms : receivedAt);
}

/** Returns whether `text` is a day of the calendar, such as `2026-11-23`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && utcDay(ms) === text;
}
