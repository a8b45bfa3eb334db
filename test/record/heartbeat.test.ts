import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dice, oneOf } from '../../lab/support/seeded-random.ts';
import { utcDay } from '../../src/event.ts';
import {
  type Day,
  type HeartbeatLedger,
  heartbeatStep,
  slotMoment,
  slotOf,
} from '../../src/record/heartbeat.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NEVER: HeartbeatLedger = { recorded: [], outstanding: [] };
const at = (text: string) => Date.parse(`${text}Z`);

describe('slotOf', () => {
  const ids = Array.from({ length: 100_000 }, (_, index) =>
    createHash('sha256').update(`cluster ${index}`).digest('hex'),
  );
  const counts = new Array<number>(1_440).fill(0);
  for (const id of ids) counts[slotOf(id)] = (counts[slotOf(id)] ?? 0) + 1;

  it('returns minutes of the day that are spread evenly over 100,000 clusters', (t) => {
    assert.equal(counts.length, 1_440);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      100_000,
    );
    const expected = 100_000 / 1_440;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    const busiest = Math.max(...counts);
    const idlest = Math.min(...counts);
    t.diagnostic(
      `chi-square ${chiSquare.toFixed(0)} (1439 expected); a minute has ${idlest} to ${busiest} clusters (${expected.toFixed(1)} expected)`,
    );
    // 1439 degrees of freedom: the standard deviation is 54, and the limit is five of them.
    assert.ok(Math.abs(chiSquare - 1_439) < 268, String(chiSquare));
    assert.ok(busiest < 2 * expected && idlest > expected / 2);
  });

  it('has no hour with more than a twentieth above its share', () => {
    const hours = Array.from({ length: 24 }, (_, hour) =>
      counts.slice(hour * 60, hour * 60 + 60).reduce((sum, count) => sum + count, 0),
    );
    for (const count of hours)
      assert.ok(Math.abs(count / (100_000 / 24) - 1) < 0.05, String(count));
  });

  it('never changes for a cluster', () => {
    assert.equal(slotOf('41940160206b685506e0b822539a3e143ea33a7b30ed6847ea7c7880ea585497'), 470);
    assert.equal(slotOf('0'.repeat(64)), 0);
    assert.equal(slotOf(`${'f'.repeat(13)}${'0'.repeat(51)}`), (2 ** 52 - 1) % 1_440);
  });

  it('is a moment of a day', () => {
    assert.equal(slotMoment('2026-11-23', 0), at('2026-11-23T00:00'));
    assert.equal(slotMoment('2026-11-23', 1_439), at('2026-11-23T23:59'));
  });
});

describe('heartbeatStep', () => {
  /** The slot is noon. */
  const slot = 720;
  const recorded = (...days: readonly Day[]) => ({ recorded: days, outstanding: [] as Day[] });
  const cases = [
    {
      title: 'sends the first one immediately, before the slot',
      ledger: NEVER,
      now: '2026-11-23T00:00',
      due: ['2026-11-23'],
      waitMs: DAY,
    },
    {
      title: 'sends the first one immediately, after the slot',
      ledger: NEVER,
      now: '2026-11-23T18:00',
      due: ['2026-11-23'],
      waitMs: 6 * HOUR,
    },
    {
      title: 'waits for the slot on the next day',
      ledger: recorded('2026-11-22'),
      now: '2026-11-23T11:59:59.999',
      due: [],
      waitMs: 1,
    },
    {
      title: 'sends at the slot',
      ledger: recorded('2026-11-22'),
      now: '2026-11-23T12:00',
      due: ['2026-11-23'],
      waitMs: 12 * HOUR,
    },
    {
      title: 'sends none twice',
      ledger: recorded('2026-11-23'),
      now: '2026-11-23T13:00',
      due: [],
      waitMs: 11 * HOUR,
    },
    {
      title: 'sends at start if a whole day passed without one',
      ledger: recorded('2026-11-21'),
      now: '2026-11-23T00:01',
      due: ['2026-11-23'],
      waitMs: DAY - MINUTE,
    },
    {
      title: 'sends that of yesterday, on which it ran but not at the slot',
      ledger: { recorded: ['2026-11-21'], outstanding: ['2026-11-22'] },
      now: '2026-11-23T00:01',
      due: ['2026-11-22'],
      waitMs: 12 * HOUR - MINUTE,
    },
    {
      title: 'sends that of a day long ago and that of today',
      ledger: { recorded: ['2026-11-09'], outstanding: ['2026-11-10'] },
      now: '2026-11-23T00:01',
      due: ['2026-11-10', '2026-11-23'],
      waitMs: DAY - MINUTE,
    },
    {
      title: 'sends those of yesterday and today at a start after the slot',
      ledger: { recorded: ['2026-11-21'], outstanding: ['2026-11-22'] },
      now: '2026-11-23T12:00',
      due: ['2026-11-22', '2026-11-23'],
      waitMs: 12 * HOUR,
    },
    {
      title: 'does not repeat a day to which the clock was set back',
      ledger: { recorded: ['2026-11-22', '2026-11-23'], outstanding: ['2026-11-23'] },
      now: '2026-11-22T23:00',
      due: [],
      waitMs: HOUR,
    },
  ];
  for (const { title, ledger, now, due, waitMs } of cases) {
    it(title, () => {
      const step = heartbeatStep(ledger, { nowMs: at(now), slot });
      assert.deepEqual(step.due, due);
      assert.equal(step.waitMs, waitMs);
      const today = now.slice(0, 10);
      const recorded = [...ledger.recorded, ...due];
      const outstanding = recorded.includes(today) ? [] : [today];
      assert.deepEqual(step.ledger, { recorded, outstanding });
    });
  }

  it('keeps a future day that a wrong clock showed, and sends its heartbeat when that day has come', () => {
    const jumped = heartbeatStep(recorded('2026-11-23'), { nowMs: at('2026-11-24T01:00'), slot });
    const back = heartbeatStep(jumped.ledger, { nowMs: at('2026-11-23T22:00'), slot });
    assert.deepEqual(back.ledger.outstanding, ['2026-11-24']);
    const { due } = heartbeatStep(back.ledger, { nowMs: at('2026-11-26T01:00'), slot });
    assert.deepEqual(due, ['2026-11-24', '2026-11-26']);
  });

  it('keeps the last sixteen days, and returns a future time', () => {
    const days = fc.date({
      min: new Date('2026-01-01'),
      max: new Date('2027-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(fc.array(days), fc.integer({ min: 0, max: 1_439 }), (moments, slot) => {
        let ledger = NEVER;
        for (const moment of moments) {
          const nowMs = moment.getTime();
          const step = heartbeatStep(ledger, { nowMs, slot });
          assert.ok(step.waitMs > 0 && step.waitMs <= DAY);
          assert.ok(step.ledger.outstanding.length <= 16);
          assert.ok(step.ledger.recorded.length <= 16);
          assert.deepEqual(heartbeatStep(step.ledger, { nowMs, slot }).due, []);
          ledger = step.ledger;
        }
      }),
    );
  });
});

interface Life {
  readonly recorded: Day[];
  /** The days on which it ran by its own clock, and which it stored. */
  readonly active: Set<Day>;
  /** The days on which any replica checked its clock. */
  readonly checked: Set<Day>;
}

interface LiveOptions {
  readonly seed: number;
  readonly days: number;
  /** The longest time between two checks of the clock, in milliseconds. */
  readonly checkMs: number;
  /**
   * The probability that the last change of a term is not stored, and that a replica checks the clock
   * once more after its term, from its old ledger.
   */
  readonly staleness: number;
}

/**
 * Simulates `days` of an operator that is restarted or replaced by another replica, is down for seconds
 * to days, and has its clock set by hours in both directions. It ends with a start after three days, so
 * that no day is outstanding.
 */
function live({ seed, days, checkMs, staleness }: LiveOptions): Life {
  const roll = dice(seed);
  const life: Life = { recorded: [], active: new Set(), checked: new Set() };
  const slot = Math.floor(roll() * 1_440);
  const start = at('2026-11-23T00:00') + roll() * DAY;
  let stored = NEVER;
  let skew = 0;

  function check(trueMs: number, ledger: HeartbeatLedger) {
    const nowMs = trueMs + skew;
    const step = heartbeatStep(ledger, { nowMs, slot });
    life.recorded.push(...step.due);
    life.checked.add(utcDay(nowMs));
    return { ...step, day: utcDay(nowMs) };
  }

  /** Changes the clock about once in two days. Every second change corrects it. */
  function setClock(): void {
    if (roll() >= checkMs / (2 * DAY)) return;
    skew = skew === 0 ? (roll() - 0.5) * 24 * HOUR : 0;
  }

  /** Runs one term. Returns the time at which it ended, and the replica's last ledger. */
  function term(from: number, until: number) {
    let known = stored;
    let trueMs = from;
    while (trueMs < until) {
      const { ledger, waitMs, day } = check(trueMs, known);
      known = ledger;
      trueMs += Math.min(waitMs, checkMs);
      if (trueMs >= until && roll() < staleness) break;
      stored = ledger;
      life.active.add(day);
      setClock();
    }
    return { trueMs, known };
  }

  let trueMs = start;
  let deposed = NEVER;
  while (trueMs < start + days * DAY) {
    const upMs = roll() * oneOf([5 * MINUTE, 8 * HOUR, 3 * DAY, 6 * DAY], roll);
    const end = term(trueMs, trueMs + upMs);
    if (roll() < staleness) check(end.trueMs, deposed);
    deposed = end.known;
    trueMs = end.trueMs + roll() * oneOf([MINUTE, HOUR, 10 * HOUR, 4 * DAY], roll);
  }
  skew = 0;
  check(trueMs + 3 * DAY + slot * MINUTE, stored);
  return life;
}

/** Returns the days that are wrong. */
function faults({ recorded, active, checked }: Life) {
  return {
    missing: [...active].filter((day) => !recorded.includes(day)),
    invented: recorded.filter((day) => !checked.has(day)),
    repeats: recorded.filter((day, index) => recorded.indexOf(day) !== index),
  };
}

const SOUND = { missing: [], invented: [], repeats: [] };

describe('four hundred days', () => {
  it('have one heartbeat for each UTC day on which the operator ran, and never two', (t) => {
    const lives = [
      { seed: 1, days: 400, checkMs: MINUTE, staleness: 0 },
      ...seeds(2, 40).map((seed) => ({ seed, days: 400, checkMs: 20 * MINUTE, staleness: 0 })),
    ];
    let heartbeats = 0;
    for (const one of lives) {
      const life = live(one);
      assert.deepEqual({ ...one, ...faults(life) }, { ...one, ...SOUND });
      heartbeats += life.recorded.length;
    }
    t.diagnostic(`${lives.length} lives of 400 days: ${heartbeats} heartbeats, one for each day`);
  });

  it('have that with two leaders of which one may use an old ledger: a repeat is of the same day', (t) => {
    let repeated = 0;
    for (const seed of seeds(100, 40)) {
      const one = { seed, days: 400, checkMs: 20 * MINUTE, staleness: 0.5 };
      const { repeats, ...others } = faults(live(one));
      assert.deepEqual({ seed, ...others }, { seed, missing: [], invented: [] });
      repeated += repeats.length;
    }
    t.diagnostic(`${repeated} heartbeats were repeated, under the same messageId`);
    assert.ok(repeated > 0);
  });
});

function seeds(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
