import { isDay } from '../day.ts';

const RFC_3339 =
  /^(?<day>\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Whether `value` is a moment of RFC 3339 that the calendar has, with a year of four digits in UTC.
 *
 * JavaScript's own parser takes 30 February for 2 March, and 24:00 for the next day. A leap second
 * is refused as well: no clock of ours shows one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
export function isTimestamp(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const day = RFC_3339.exec(value)?.groups?.day;
  return day !== undefined && isDay(day) && /^\d{4}-/.test(new Date(value).toISOString());
}
