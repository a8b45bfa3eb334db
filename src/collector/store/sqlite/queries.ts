import type { DatabaseSync } from 'node:sqlite';
import type { CompleteProperties } from '../../../event.ts';
import { dayFromNumber, dayNumber } from '../../day.ts';
import type { DayRange, Snapshot, SubjectsOptions, Tally } from '../snapshot.ts';
import { type Page, PlaceError, type StoredEvent } from '../store.ts';
import { hashFrom, idFrom } from './columns.ts';
import { type Names, readNames } from './names.ts';
import type { RollupChanges, TallyChange } from './rollup.ts';

/** The queries of the database. */
export interface Queries {
  /** Returns what the tables hold together with changes that are not in them yet. */
  readonly snapshot: (changes: RollupChanges) => Snapshot;
  readonly outcomes: Snapshot['outcomes'];
  /** Returns one page of events in the order of arrival. */
  readonly events: (page: Page) => readonly StoredEvent[];
}

const TALLIES = `
  SELECT name, day, messages, subjects, newcomers FROM day_tally WHERE day BETWEEN ? AND ?`;
/** Counts each subject on its first day within the range. */
const SUBJECTS = `
  SELECT total(subjects) AS subjects FROM gap
  WHERE name = ? AND day BETWEEN ? AND ? AND previous_day < ?`;
const SPAN = 'SELECT min(day) AS first, max(day) AS last FROM day_tally';
const OUTCOMES = 'SELECT name, count FROM outcome ORDER BY name';
const EVENTS = 'SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?';

/** The highest place of all time, also if its event was removed. Absent while there has been none. */
const LAST_PLACE = "SELECT seq FROM sqlite_sequence WHERE name = 'event'";

/** Prepares the queries. */
export function storeQueries(database: DatabaseSync): Queries {
  const tallies = database.prepare(TALLIES);
  const subjects = database.prepare(SUBJECTS);
  const span = database.prepare(SPAN);
  const outcomes = database.prepare(OUTCOMES);
  const events = database.prepare(EVENTS);
  const lastPlace = database.prepare(LAST_PLACE);
  const names = readNames(database);

  /** In days since the epoch. */
  function talliesIn(range: DayRange, changes: RollupChanges): readonly TallyChange[] {
    const [from, to] = [dayNumber(range.from), dayNumber(range.to)];
    const stored = tallies.all(from, to) as unknown as TallyChange[];
    const byKey = new Map(stored.map((one) => [keyOf(one), one]));
    for (const change of changes.tallies) {
      if (change.day < from || to < change.day) continue;
      byKey.set(keyOf(change), sumOf(change, byKey.get(keyOf(change))));
    }
    return [...byKey.values()];
  }

  function subjectsIn({ source, name, ...range }: SubjectsOptions, changes: RollupChanges): number {
    const { id } = names.named(source, name);
    const [from, to] = [dayNumber(range.from), dayNumber(range.to)];
    let count = Number(subjects.get(id, from, to, from)?.subjects);
    for (const { name: ofName, day, previousDay, subjects: changed } of changes.gaps) {
      if (ofName === id && from <= day && day <= to && previousDay < from) count += changed;
    }
    return count;
  }

  function spanWith(changes: RollupChanges): DayRange | undefined {
    const { first, last } = span.get() ?? {};
    const stored = first === null ? [] : [Number(first), Number(last)];
    const days = [...stored, ...Array.from(changes.tallies, ({ day }) => day)].sort(
      (a, b) => a - b,
    );
    const [from, to] = [days.at(0), days.at(-1)];
    if (from === undefined || to === undefined) return undefined;
    return { from: dayFromNumber(from), to: dayFromNumber(to) };
  }

  function tallyFrom({ name: id, day, ...counts }: TallyChange): Tally {
    const { source, name } = names.withId(id);
    return { day: dayFromNumber(day), source, name, ...counts };
  }

  /** A place that no event has had is one of another store, or of this one before an older copy was restored. */
  function placeFrom(after: string): number {
    const place = Number(after);
    if (/^\d{0,15}$/.test(after) && place <= Number(lastPlace.get()?.seq ?? 0)) return place;
    throw new PlaceError();
  }

  const readOutcomes = () =>
    new Map(outcomes.all().map(({ name, count }) => [String(name), Number(count)]));

  return {
    snapshot: (changes) => ({
      tallies: (range) =>
        talliesIn(range, changes)
          .map(tallyFrom)
          .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
      subjects: (options) => subjectsIn(options, changes),
      span: () => spanWith(changes),
      outcomes: readOutcomes,
    }),
    outcomes: readOutcomes,
    events: ({ after, limit }) =>
      events.all(placeFrom(after), limit).map((row) => storedEvent(row, names)),
  };
}

function keyOf({ name, day }: TallyChange): string {
  return `${name} ${day}`;
}

function sumOf(one: TallyChange, other: TallyChange | undefined): TallyChange {
  if (other === undefined) return one;
  return {
    ...one,
    messages: one.messages + other.messages,
    subjects: one.subjects + other.subjects,
    newcomers: one.newcomers + other.newcomers,
  };
}

function orderOf({ day, source, name }: Tally): string {
  return `${day} ${source} ${name}`;
}

function storedEvent(row: Record<string, unknown>, names: Names): StoredEvent {
  const { source, name } = names.withId(row.name);
  const userId = hashFrom(row.user_id as Uint8Array);
  return {
    seq: Number(row.seq),
    day: dayFromNumber(Number(row.day)),
    receivedAt: new Date(Number(row.received_at)).toISOString(),
    messageId: idFrom(row.message_id),
    anonymousId: userId,
    userId,
    event: source,
    properties: { event: name } satisfies CompleteProperties,
    timestamp: new Date(Number(row.timestamp)).toISOString(),
  };
}
