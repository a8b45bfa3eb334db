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

describe('the slot of a cluster', () => {
  const ids = Array.from({ length: 100_000 }, (_, index) =>
    createHash('sha256').update(`cluster ${index}`).digest('hex'),
  );
  const counts = new Array<number>(1_440).fill(0);
  for (const id of ids) counts[slotOf(id)] = (counts[slotOf(id)] ?? 0) + 1;

  it('is a minute of the day, spread evenly over 100,000 clusters', (t) => {
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
    // 1439 degrees of freedom: the standard deviation is 54, so this is five of them.
    assert.ok(Math.abs(chiSquare - 1_439) < 268, String(chiSquare));
    assert.ok(busiest < 2 * expected && idlest > expected / 2);
  });

  it('is the same for each hour: none has more than a twentieth above its share', () => {
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

describe('a look at the clock', () => {
  /** The slot is noon. */
  const slot = 720;
  const told = (...days: readonly Day[]) => ({ recorded: days, outstanding: [] as Day[] });
  const cases = [
    {
      title: 'tells the first one at once, before the slot',
      ledger: NEVER,
      now: '2026-11-23T00:00',
      due: ['2026-11-23'],
      waitMs: DAY,
    },
    {
      title: 'tells the first one at once, after the slot',
      ledger: NEVER,
      now: '2026-11-23T18:00',
      due: ['2026-11-23'],
      waitMs: 6 * HOUR,
    },
    {
      title: 'waits for the slot on the next day',
      ledger: told('2026-11-22'),
      now: '2026-11-23T11:59:59.999',
      due: [],
      waitMs: 1,
    },
    {
      title: 'tells at the slot',
      ledger: told('2026-11-22'),
      now: '2026-11-23T12:00',
      due: ['2026-11-23'],
      waitMs: 12 * HOUR,
    },
    {
      title: 'tells none twice',
      ledger: told('2026-11-23'),
      now: '2026-11-23T13:00',
      due: [],
      waitMs: 11 * HOUR,
    },
    {
      title: 'tells at start when a whole day went by without one',
      ledger: told('2026-11-21'),
      now: '2026-11-23T00:01',
      due: ['2026-11-23'],
      waitMs: DAY - MINUTE,
    },
    {
      title: 'tells of yesterday, on which it lived but was gone at the slot',
      ledger: { recorded: ['2026-11-21'], outstanding: ['2026-11-22'] },
      now: '2026-11-23T00:01',
      due: ['2026-11-22'],
      waitMs: 12 * HOUR - MINUTE,
    },
    {
      title: 'tells of a day long ago and of today',
      ledger: { recorded: ['2026-11-09'], outstanding: ['2026-11-10'] },
      now: '2026-11-23T00:01',
      due: ['2026-11-10', '2026-11-23'],
      waitMs: DAY - MINUTE,
    },
    {
      title: 'tells of yesterday and of today when it is back after the slot',
      ledger: { recorded: ['2026-11-21'], outstanding: ['2026-11-22'] },
      now: '2026-11-23T12:00',
      due: ['2026-11-22', '2026-11-23'],
      waitMs: 12 * HOUR,
    },
    {
      title: 'does not tell of a day that was told when the clock has gone back to it',
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

  it('remembers a day to come that a wrong clock has shown, and tells it when it has come', () => {
    const jumped = heartbeatStep(told('2026-11-23'), { nowMs: at('2026-11-24T01:00'), slot });
    const back = heartbeatStep(jumped.ledger, { nowMs: at('2026-11-23T22:00'), slot });
    assert.deepEqual(back.ledger.outstanding, ['2026-11-24']);
    const { due } = heartbeatStep(back.ledger, { nowMs: at('2026-11-26T01:00'), slot });
    assert.deepEqual(due, ['2026-11-24', '2026-11-26']);
  });

  it('keeps the last sixteen days, and waits for a time that is to come', () => {
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
  /** The days on which it was seen alive by its own clock, and that it could write down. */
  readonly lived: Set<Day>;
  /** The days on which any replica has looked at its clock. */
  readonly looked: Set<Day>;
}

interface LiveOptions {
  readonly seed: number;
  readonly days: number;
  /** How often it looks at the clock at least, in milliseconds. */
  readonly lookMs: number;
  /** How likely it is that what a look changed is not written before the end, and that one whose
   * term is over looks once more, with what it knew then. */
  readonly staleness: number;
}

/**
 * So many days of an operator that is restarted, or replaced by another replica, is down for seconds
 * to days, and has its clock set by hours, forth and back. At the end it comes back after three
 * days, so that nothing is left untold.
 */
function live({ seed, days, lookMs, staleness }: LiveOptions): Life {
  const roll = dice(seed);
  const life: Life = { recorded: [], lived: new Set(), looked: new Set() };
  const slot = Math.floor(roll() * 1_440);
  const start = at('2026-11-23T00:00') + roll() * DAY;
  let stored = NEVER;
  let skew = 0;

  function look(trueMs: number, ledger: HeartbeatLedger) {
    const nowMs = trueMs + skew;
    const step = heartbeatStep(ledger, { nowMs, slot });
    life.recorded.push(...step.due);
    life.looked.add(utcDay(nowMs));
    return { ...step, day: utcDay(nowMs) };
  }

  /** About once in two days of looking; every other time it is set right. */
  function setClock(): void {
    if (roll() >= lookMs / (2 * DAY)) return;
    skew = skew === 0 ? (roll() - 0.5) * 24 * HOUR : 0;
  }

  /** Gives the time at which it ended, and what the replica knew then. */
  function term(from: number, until: number) {
    let known = stored;
    let trueMs = from;
    while (trueMs < until) {
      const { ledger, waitMs, day } = look(trueMs, known);
      known = ledger;
      trueMs += Math.min(waitMs, lookMs);
      if (trueMs >= until && roll() < staleness) break;
      stored = ledger;
      life.lived.add(day);
      setClock();
    }
    return { trueMs, known };
  }

  let trueMs = start;
  let deposed = NEVER;
  while (trueMs < start + days * DAY) {
    const upMs = roll() * oneOf([5 * MINUTE, 8 * HOUR, 3 * DAY, 6 * DAY], roll);
    const end = term(trueMs, trueMs + upMs);
    if (roll() < staleness) look(end.trueMs, deposed);
    deposed = end.known;
    trueMs = end.trueMs + roll() * oneOf([MINUTE, HOUR, 10 * HOUR, 4 * DAY], roll);
  }
  skew = 0;
  look(trueMs + 3 * DAY + slot * MINUTE, stored);
  return life;
}

/** What is wrong with a life, day by day. */
function faults({ recorded, lived, looked }: Life) {
  return {
    missing: [...lived].filter((day) => !recorded.includes(day)),
    invented: recorded.filter((day) => !looked.has(day)),
    repeats: recorded.filter((day, index) => recorded.indexOf(day) !== index),
  };
}

const SOUND = { missing: [], invented: [], repeats: [] };

describe('four hundred days', () => {
  it('have one heartbeat a UTC day on which the operator lived, and never two', (t) => {
    const lives = [
      { seed: 1, days: 400, lookMs: MINUTE, staleness: 0 },
      ...seeds(2, 40).map((seed) => ({ seed, days: 400, lookMs: 20 * MINUTE, staleness: 0 })),
    ];
    let heartbeats = 0;
    for (const one of lives) {
      const life = live(one);
      assert.deepEqual({ ...one, ...faults(life) }, { ...one, ...SOUND });
      heartbeats += life.recorded.length;
    }
    t.diagnostic(`${lives.length} lives of 400 days: ${heartbeats} heartbeats, one for each day`);
  });

  it('have that with two leaders of which one may know an old ledger: repeats are of the same day', (t) => {
    let repeated = 0;
    for (const seed of seeds(100, 40)) {
      const one = { seed, days: 400, lookMs: 20 * MINUTE, staleness: 0.5 };
      const { repeats, ...others } = faults(live(one));
      assert.deepEqual({ seed, ...others }, { seed, missing: [], invented: [] });
      repeated += repeats.length;
    }
    t.diagnostic(`${repeated} heartbeats were told again, under the same messageId`);
    assert.ok(repeated > 0);
  });
});

function seeds(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
