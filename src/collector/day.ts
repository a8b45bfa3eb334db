/** The policy is younger than this. */
const EARLIEST = Date.parse('2020-01-01T00:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;

/** The UTC day of a time in milliseconds since the epoch: `2026-11-23`. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/**
 * The UTC day that an event counts for: of its own time, or of its receipt if the sender's clock is
 * absurd, which is before 2020 or more than 24 hours ahead of ours.
 */
export function dayOf(timestamp: string, { receivedAt }: { readonly receivedAt: number }): string {
  const ms = Date.parse(timestamp);
  return utcDay(ms >= EARLIEST && ms <= receivedAt + DAY_MS ? ms : receivedAt);
}

/** Whether `text` is a day of the calendar, as `2026-11-23`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && utcDay(ms) === text;
}
