import { dayFromNumber, dayNumber } from '../day.ts';
import type { DayRange, Snapshot, SubjectsOptions, Tally } from './snapshot.ts';

/** Stands for "no day" and is earlier than every day. */
export const NO_DAY = -1_000_000;

/** The subjects that sent an event on a day and have the same active day before it. As a change, it can be negative. */
export interface RollupRow {
  readonly source: string;
  readonly name: string;
  /** In days since the epoch, as `previousDay`. */
  readonly day: number;
  /** `NO_DAY` if there is none. */
  readonly previousDay: number;
  /** 0 for an event whose number counts messages. */
  readonly subjects: number;
  readonly messages: number;
}

/** The sums of rows. */
export interface RollupCounts {
  readonly add: (rows: readonly RollupRow[]) => void;
  readonly messages: () => number;
  readonly tallies: (range: DayRange) => readonly Tally[];
  /** Counts each subject on its first day within the range. */
  readonly subjects: (options: SubjectsOptions) => number;
}

export interface RollupOptions {
  /** What is added to the counts in this snapshot only. */
  readonly changes: RollupCounts;
  readonly outcomes: ReadonlyMap<string, number>;
}

/** One event on one day. */
interface DayCounts {
  readonly source: string;
  readonly name: string;
  readonly day: number;
  messages: number;
  /** How many subjects there are, by their active day before this one. */
  readonly subjects: Map<number, number>;
}

const ALL_DAYS: DayRange = { from: '0000-01-01', to: '9999-12-31' };

export function rollupCounts(): RollupCounts {
  const days = new Map<string, DayCounts>();

  function dayOf({ source, name, day }: RollupRow): DayCounts {
    const key = `${source} ${name} ${day}`;
    const known = days.get(key);
    if (known) return known;
    const created = { source, name, day, messages: 0, subjects: new Map<number, number>() };
    days.set(key, created);
    return created;
  }

  return {
    add(rows) {
      for (const row of rows) {
        const counts = dayOf(row);
        counts.messages += row.messages;
        const { previousDay } = row;
        counts.subjects.set(previousDay, (counts.subjects.get(previousDay) ?? 0) + row.subjects);
      }
    },
    messages: () => sum([...days.values()].map(({ messages }) => messages)),
    tallies: (range) => within(days.values(), range).map(tallyOf),
    subjects({ source, name, ...range }) {
      const first = dayNumber(range.from);
      const ofName = [...days.values()].filter((one) => one.source === source && one.name === name);
      return sum(
        within(ofName, range).flatMap(({ subjects }) =>
          [...subjects].map(([previousDay, count]) => (previousDay < first ? count : 0)),
        ),
      );
    },
  };
}

/** Returns the snapshot of counts, which must not change while it is read. */
export function rollupSnapshot(
  counts: RollupCounts,
  { changes, outcomes }: RollupOptions,
): Snapshot {
  const tallies = (range: DayRange) =>
    mergedTallies([...counts.tallies(range), ...changes.tallies(range)]);
  return {
    tallies,
    subjects: (options) => counts.subjects(options) + changes.subjects(options),
    span: () => spanOf(tallies(ALL_DAYS)),
    outcomes: () => outcomes,
  };
}

function within(days: Iterable<DayCounts>, { from, to }: DayRange): readonly DayCounts[] {
  const [first, last] = [dayNumber(from), dayNumber(to)];
  return [...days].filter(({ day }) => first <= day && day <= last);
}

function tallyOf({ source, name, day, messages, subjects }: DayCounts): Tally {
  const newcomers = subjects.get(NO_DAY) ?? 0;
  return {
    day: dayFromNumber(day),
    source,
    name,
    messages,
    subjects: sum([...subjects.values()]),
    newcomers,
  };
}

/** In the order of days. */
function mergedTallies(tallies: readonly Tally[]): readonly Tally[] {
  const byKey = new Map<string, Tally>();
  for (const tally of tallies) {
    const key = `${tally.day} ${tally.source} ${tally.name}`;
    const { messages, subjects, newcomers } = byKey.get(key) ?? NOTHING;
    byKey.set(key, {
      ...tally,
      messages: tally.messages + messages,
      subjects: tally.subjects + subjects,
      newcomers: tally.newcomers + newcomers,
    });
  }
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, tally]) => tally);
}

const NOTHING = { messages: 0, subjects: 0, newcomers: 0 };

function spanOf(tallies: readonly Tally[]): DayRange | undefined {
  const from = tallies.at(0)?.day;
  const to = tallies.at(-1)?.day;
  return from === undefined || to === undefined ? undefined : { from, to };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
