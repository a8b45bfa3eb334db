import { isDay } from '../day.ts';

const RFC_3339 =
  /^(?<day>\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Returns whether `value` is a time of RFC 3339 that exists in the calendar, with a year of four
 * digits in UTC.
 *
 * JavaScript's own parser reads 30 February as 2 March, and 24:00 as the next day. A leap second is
 * refused as well, because our senders' clocks never show one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
export function isTimestamp(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const day = RFC_3339.exec(value)?.groups?.day;
  return day !== undefined && isDay(day) && /^\d{4}-/.test(new Date(value).toISOString());
}
