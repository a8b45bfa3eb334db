import { html } from 'hono/html';
import type { Markup } from '../../web/layout.ts';

const MOMENT = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** Below which age, in milliseconds, a unit is used. */
const UNITS = [
  { name: 's', ms: 1_000, below: 120_000 },
  { name: 'min', ms: 60_000, below: 7_200_000 },
  { name: 'h', ms: 3_600_000, below: 172_800_000 },
  { name: 'd', ms: 86_400_000, below: Number.POSITIVE_INFINITY },
] as const;

/** Returns `26 Nov 2026, 10:31:02 UTC`, and how long ago that is. `iso` is ISO 8601, and may be no time. */
export function moment(iso: string | undefined, nowMs: number): Markup {
  const ms = Date.parse(iso ?? '');
  if (Number.isNaN(ms)) return html`–`;
  return html`<time datetime="${isoText(ms)}">${momentText(ms)}</time> <span class="muted nowrap">(${agoText(nowMs - ms)})</span>`;
}

/** Returns `26 Nov 2026, 10:31:02 UTC`, or `–` for a time that no calendar has. */
export function momentText(ms: number): string {
  return isTime(ms) ? `${MOMENT.format(ms)} UTC` : '–';
}

/** Returns ISO 8601 in UTC, or nothing for a time that no calendar has. */
export function isoText(ms: number): string {
  return isTime(ms) ? new Date(ms).toISOString() : '';
}

/** @see https://tc39.es/ecma262/#sec-timeclip */
function isTime(ms: number): boolean {
  return Math.abs(ms) <= 8.64e15;
}

/** Returns an age of `ms` milliseconds in one unit: `40 s`, `12 min`, `36 h`, `5 d`. */
export function ageText(ms: number): string {
  // The clocks of two machines differ.
  const age = Math.max(0, ms);
  const unit = UNITS.find(({ below }) => age < below) ?? UNITS[3];
  return `${Math.floor(age / unit.ms)} ${unit.name}`;
}

function agoText(ms: number): string {
  return ms < 1_000 ? 'now' : `${ageText(ms)} ago`;
}
