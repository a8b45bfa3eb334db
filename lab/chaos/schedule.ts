import { dice, oneOf } from '../support/seeded-random.ts';

/** What a schedule is drawn from: one kind of fault. */
export interface Draw {
  /** Unique among its like. */
  readonly name: string;
  /** What it strikes: one of these. Two faults of one lane never overlap, those of others may. */
  readonly lanes: readonly [string, ...string[]];
  /** How often it comes for each time that a fault of weight 1 comes. */
  readonly weight: number;
  /** How long it lasts at least and at most, in milliseconds. */
  readonly lastsMs: readonly [least: number, most: number];
}

/** One fault of a schedule. */
export interface Step {
  readonly name: string;
  readonly lane: string;
  /** How long after the one before it, in milliseconds. It waits for its lane besides. */
  readonly afterMs: number;
  readonly lastsMs: number;
  /** In [0, 1): what else there is to choose. */
  readonly choice: number;
}

export interface ScheduleOptions {
  readonly faults: number;
  readonly seed: number;
}

/** The longest pause between two faults, in milliseconds. */
const PAUSE_MS = 1_200;

/**
 * Draws a schedule: the same for the same draws, number and seed. As from a pack of cards, so that
 * every kind has come before one comes more often than by its weight.
 */
export function schedule(
  draws: readonly Draw[],
  { faults, seed }: ScheduleOptions,
): readonly Step[] {
  const roll = dice(seed);
  const pack: Draw[] = [];
  return Array.from({ length: faults }, () => {
    if (pack.length === 0) pack.push(...shuffled(draws.flatMap(copies), roll));
    const draw = pack.pop();
    if (!draw) throw new RangeError('there is nothing to draw from');
    const [least, most] = draw.lastsMs;
    return {
      name: draw.name,
      lane: oneOf(draw.lanes, roll),
      afterMs: Math.round(roll() * PAUSE_MS),
      lastsMs: Math.round(least + roll() * (most - least)),
      choice: roll(),
    };
  });
}

function copies(draw: Draw): readonly Draw[] {
  return Array.from({ length: draw.weight }, () => draw);
}

function shuffled<Item>(items: readonly Item[], roll: () => number): readonly Item[] {
  return items
    .map((item) => ({ item, at: roll() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
