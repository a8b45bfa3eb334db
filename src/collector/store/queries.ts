import type { DatabaseSync } from 'node:sqlite';
import type { CompleteProperties, EventName, Message, Source } from '../../event.ts';
import type { Tally } from './tally.ts';

/** A range of UTC days, both included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

export interface Page {
  /** The `seq` of the last event of the page before; 0 for the first page. */
  readonly after: number;
  readonly limit: number;
}

/** A stored event: its payload, and when it was received. */
export interface StoredEvent extends Message {
  /** Increases in the order of arrival. */
  readonly seq: number;
  /** The UTC day that it counts for. */
  readonly day: string;
  /** ISO 8601 in UTC. */
  readonly receivedAt: string;
}

export interface SubjectsOptions extends DayRange {
  readonly source: Source;
  readonly name: EventName;
}

/** The queries of a store. */
export interface Queries {
  /** Returns the tallies in the order of days. */
  readonly tallies: (range: DayRange) => readonly Tally[];
  /** Counts the subjects that sent an event within the days. The cost grows with the number of these events. */
  readonly subjects: (options: SubjectsOptions) => number;
  /** Returns the first and the last day that have events, or `undefined` if there are no events. */
  readonly span: () => DayRange | undefined;
  /** Returns how many events were `accepted`, were `duplicates`, and were refused for each reason. */
  readonly outcomes: () => ReadonlyMap<string, number>;
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
