import type { DatabaseSync } from 'node:sqlite';
import type { CompleteProperties } from '../../../event.ts';
import { dayFromNumber, dayNumber } from '../../day.ts';
import type { Snapshot, Tally } from '../snapshot.ts';
import { type Page, PlaceError, type StoredEvent } from '../store.ts';
import { hashFrom, idFrom } from './columns.ts';
import { type Names, readNames } from './names.ts';

/** The queries of the database. */
export interface Queries extends Snapshot {
  /** Returns one page of events in the order of arrival. */
  readonly events: (page: Page) => readonly StoredEvent[];
}

const TALLIES = `
  SELECT day, source, name.name, messages, subjects, newcomers
  FROM tally JOIN name ON name.id = tally.name
  WHERE day BETWEEN ? AND ? ORDER BY day, source, name.name`;
/** Counts each subject on its first day within the range. */
const SUBJECTS = `
  SELECT total(subjects) AS subjects FROM gap
  WHERE name = ? AND day BETWEEN ? AND ? AND previous_day < ?`;
const SPAN = 'SELECT min(day) AS first, max(day) AS last FROM tally';
const OUTCOMES = 'SELECT name, count FROM outcome ORDER BY name';
const EVENTS = 'SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?';

/** Prepares the queries. */
export function storeQueries(database: DatabaseSync): Queries {
  const tallies = database.prepare(TALLIES);
  const subjects = database.prepare(SUBJECTS);
  const span = database.prepare(SPAN);
  const outcomes = database.prepare(OUTCOMES);
  const events = database.prepare(EVENTS);
  const names = readNames(database);

  return {
    tallies: ({ from, to }) =>
      tallies.all(dayNumber(from), dayNumber(to)).map((row) => {
        return { ...row, day: dayFromNumber(Number(row.day)) } as unknown as Tally;
      }),
    subjects({ source, name, from, to }) {
      const first = dayNumber(from);
      const row = subjects.get(names.named(source, name).id, first, dayNumber(to), first);
      return Number(row?.subjects);
    },
    span() {
      const { first, last } = span.get() ?? {};
      return first === null
        ? undefined
        : { from: dayFromNumber(Number(first)), to: dayFromNumber(Number(last)) };
    },
    outcomes: () => new Map(outcomes.all().map(({ name, count }) => [String(name), Number(count)])),
    events: ({ after, limit }) =>
      events.all(placeFrom(after), limit).map((row) => storedEvent(row, names)),
  };
}

function placeFrom(after: string): number {
  if (/^\d{0,15}$/.test(after)) return Number(after);
  throw new PlaceError();
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
