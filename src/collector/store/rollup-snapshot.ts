import { dayFromNumber, dayNumber } from '../day.ts';
import type { DayRange, Snapshot, SubjectsOptions, Tally } from './snapshot.ts';

/** Stands for "no day" and is earlier than every day. */
export const NO_DAY = -1_000_000;

/** The subjects that sent an event on a day and have the same active day before it. */
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

export interface Rollup {
  readonly rows: readonly RollupRow[];
  readonly outcomes: ReadonlyMap<string, number>;
}

/** Returns the snapshot of a rollup that was read as a whole. */
export function rollupSnapshot({ rows, outcomes }: Rollup): Snapshot {
  const tallies = talliesOf(rows);
  return {
    tallies: ({ from, to }) => tallies.filter(({ day }) => from <= day && day <= to),
    subjects: (options) => subjectsIn(rows, options),
    span: () => spanOf(tallies),
    outcomes: () => outcomes,
  };
}

/** In the order of days. */
function talliesOf(rows: readonly RollupRow[]): readonly Tally[] {
  return [...Map.groupBy(rows, ({ day }) => day)]
    .sort(([one], [other]) => one - other)
    .flatMap(([, ofDay]) =>
      [...Map.groupBy(ofDay, ({ source, name }) => `${source} ${name}`).entries()].sort(
        ([one], [other]) => (one < other ? -1 : 1),
      ),
    )
    .map(([, ofName]) => tallyOf(ofName));
}

function tallyOf(rows: readonly RollupRow[]): Tally {
  const { day = 0, source = '', name = '' } = rows[0] ?? {};
  const first = rows.filter(({ previousDay }) => previousDay === NO_DAY);
  return {
    day: dayFromNumber(day),
    source,
    name,
    messages: sum(rows, 'messages'),
    subjects: sum(rows, 'subjects'),
    newcomers: sum(first, 'subjects'),
  };
}

/** Counts each subject on its first day within the range. */
function subjectsIn(rows: readonly RollupRow[], options: SubjectsOptions): number {
  const first = dayNumber(options.from);
  const last = dayNumber(options.to);
  const counted = rows.filter(
    ({ source, name, day, previousDay }) =>
      source === options.source &&
      name === options.name &&
      first <= day &&
      day <= last &&
      previousDay < first,
  );
  return sum(counted, 'subjects');
}

function spanOf(tallies: readonly Tally[]): DayRange | undefined {
  const from = tallies.at(0)?.day;
  const to = tallies.at(-1)?.day;
  return from === undefined || to === undefined ? undefined : { from, to };
}

function sum(rows: readonly RollupRow[], member: 'subjects' | 'messages'): number {
  return rows.reduce((total, row) => total + row[member], 0);
}
