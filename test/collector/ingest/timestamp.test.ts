import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isTimestamp } from '../../../src/collector/ingest/timestamp.ts';
import { validate } from '../../../src/collector/ingest/validate.ts';
import { anEvent } from '../setup.ts';

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

interface Fields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** `undefined` stands for Z. */
  readonly offset: readonly [sign: string, hour: number, minute: number] | undefined;
}

const fields: fc.Arbitrary<Fields> = fc.record({
  year: fc.oneof(fc.constantFrom(0, 1900, 2000, 2024, 2026, 2100, 9999), fc.nat(9999)),
  month: fc.nat(13),
  day: fc.oneof(fc.nat(32), fc.integer({ min: 27, max: 32 })),
  hour: fc.nat(25),
  minute: fc.oneof(fc.nat(61), fc.integer({ min: 58, max: 61 })),
  second: fc.oneof(fc.nat(61), fc.integer({ min: 58, max: 61 })),
  offset: fc.option(fc.tuple(fc.constantFrom('+', '-'), fc.nat(25), fc.nat(61)), {
    nil: undefined,
  }),
});

function textOf({ year, month, day, hour, minute, second, offset }: Fields): string {
  const pad = (value: number, length = 2) => String(value).padStart(length, '0');
  const zone = offset === undefined ? 'Z' : `${offset[0]}${pad(offset[1])}:${pad(offset[2])}`;
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${pad(hour)}:${pad(minute)}:${pad(second)}${zone}`;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysIn(year: number, month: number): number {
  return (DAYS[month - 1] ?? 0) + (month === 2 && isLeap(year) ? 1 : 0);
}

/** Computes the seconds since the year 0 without a Date. Returns `undefined` for a time that does not exist. */
function secondsOf(given: Fields): number | undefined {
  const { year, month, day, hour, minute, second, offset = ['+', 0, 0] as const } = given;
  if (day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || offset[1] > 23 || offset[2] > 59) return undefined;
  let days = day - 1;
  for (let before = 1; before < month; before += 1) days += daysIn(year, before);
  // Leap years before this one: those divisible by 4 but not by 100, or by 400; the year 0 is one.
  const last = year - 1;
  const leaps =
    year === 0 ? 0 : Math.floor(last / 4) - Math.floor(last / 100) + Math.floor(last / 400) + 1;
  days += 365 * year + leaps;
  const away = (offset[0] === '+' ? 1 : -1) * (offset[1] * 60 + offset[2]) * 60;
  return ((days * 24 + hour) * 60 + minute) * 60 + second - away;
}

const YEAR_10000 = secondsOf({
  ...{ year: 9999, month: 12, day: 31, hour: 23, minute: 59, second: 59 },
  offset: undefined,
});
const EPOCH = secondsOf({
  ...{ year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 },
  offset: undefined,
});

describe('a timestamp', () => {
  it('is accepted if it exists in the calendar, and is stored as that time', () => {
    fc.assert(
      fc.property(fields, (given) => {
        const seconds = secondsOf(given);
        const isGood = seconds !== undefined && seconds >= 0 && seconds <= Number(YEAR_10000);
        const timestamp = textOf(given);
        const verdict = validate({ ...anEvent(), timestamp });
        const expected = isGood
          ? new Date((seconds - Number(EPOCH)) * 1000).toISOString()
          : 'bad-timestamp';
        const actual = 'event' in verdict ? verdict.event.timestamp : verdict.refused;
        assert.equal(actual, expected, timestamp);
      }),
      { numRuns: 5_000 },
    );
  });

  const refused = [
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T23:60:00Z',
    '2016-12-31T23:59:60Z',
    '2026-11-23T00:00:00+24:00',
    '2026-11-23T00:00:00+01:60',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '2026-11-23T00:00:00z',
    '2026-11-23t00:00:00Z',
    '2026-11-23 00:00:00Z',
    '2026-11-23T00:00:00.Z',
    '2026-11-23T00:00:00,5Z',
    '2026-11-23T00:00Z',
    '2026-11-23',
    '+002026-11-23T00:00:00Z',
    '２０２６-11-23T00:00:00Z',
    '2026-11-23T00:00:00Z\n',
    '',
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(isTimestamp(text), false));
  }

  const accepted = [
    '2024-02-29T23:59:59.999999999Z',
    '2000-02-29T00:00:00Z',
    '2026-11-23T00:00:00-00:00',
    '2026-11-23T00:00:00+05:30',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
  ];
  for (const text of accepted) {
    it(`accepts ${text}`, () => assert.equal(isTimestamp(text), true));
  }
});
