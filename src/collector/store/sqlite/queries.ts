import type { DatabaseSync } from 'node:sqlite';
import type { CompleteProperties, EventName, Source } from '../../../event.ts';
import type { Snapshot, Tally } from '../snapshot.ts';
import type { Page, StoredEvent } from '../store.ts';

/** The queries of the database. */
export interface Queries extends Snapshot {
  /** Returns one page of events in the order of arrival. */
  readonly events: (page: Page) => readonly StoredEvent[];
}

const TALLIES = `
  SELECT day, source, name, messages, subjects, newcomers FROM tally
  WHERE day BETWEEN ? AND ? ORDER BY day`;
const SUBJECTS = `
  SELECT count(DISTINCT user_id) AS subjects FROM event
  WHERE source = ? AND name = ? AND day BETWEEN ? AND ?`;
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

  return {
    tallies: ({ from, to }) => tallies.all(from, to) as unknown as readonly Tally[],
    subjects: ({ source, name, from, to }) =>
      Number(subjects.get(source, name, from, to)?.subjects),
    span() {
      const { first, last } = span.get() ?? {};
      return typeof first === 'string' ? { from: first, to: String(last) } : undefined;
    },
    outcomes: () => new Map(outcomes.all().map(({ name, count }) => [String(name), Number(count)])),
    events: ({ after, limit }) => events.all(after, limit).map(storedEvent),
  };
}

function storedEvent(row: Record<string, unknown>): StoredEvent {
  return {
    seq: Number(row.seq),
    day: String(row.day),
    receivedAt: new Date(Number(row.received_at)).toISOString(),
    messageId: String(row.message_id),
    anonymousId: String(row.user_id),
    userId: String(row.user_id),
    event: row.source as Source,
    // The type is safe: every stored event was validated.
    properties: { event: row.name as EventName } satisfies CompleteProperties,
    timestamp: String(row.timestamp),
  };
}
