import type { DatabaseSync } from 'node:sqlite';
import type { CompleteProperties, EventName, Message, Source } from '../../event.ts';
import type { Tally } from './tally.ts';

/** UTC days, both included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

export interface Page {
  /** The `seq` of the last event that is known already; 0 for the first page. */
  readonly after: number;
  readonly limit: number;
}

/** An event as it was stored: its payload, and when it came. */
export interface StoredEvent extends Message {
  /** Goes up in the order of arrival. */
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

/** What can be asked of a store. */
export interface Queries {
  /** In the order of days. */
  readonly tallies: (range: DayRange) => readonly Tally[];
  /** How many subjects told of an event within the days. Its cost grows with these events. */
  readonly subjects: (options: SubjectsOptions) => number;
  /** What became of all that was received: `accepted`, `duplicates`, and each reason of a refusal. */
  readonly outcomes: () => ReadonlyMap<string, number>;
  /** In the order of arrival. */
  readonly events: (page: Page) => readonly StoredEvent[];
}

const TALLIES = `
  SELECT day, source, name, messages, subjects, newcomers FROM tally
  WHERE day BETWEEN ? AND ? ORDER BY day`;
const SUBJECTS = `
  SELECT count(DISTINCT user_id) AS subjects FROM event
  WHERE source = ? AND name = ? AND day BETWEEN ? AND ?`;
const OUTCOMES = 'SELECT name, count FROM outcome ORDER BY name';
const EVENTS = 'SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?';

/** The queries, prepared. */
export function storeQueries(database: DatabaseSync): Queries {
  const tallies = database.prepare(TALLIES);
  const subjects = database.prepare(SUBJECTS);
  const outcomes = database.prepare(OUTCOMES);
  const events = database.prepare(EVENTS);

  return {
    tallies: ({ from, to }) => tallies.all(from, to) as unknown as readonly Tally[],
    subjects: ({ source, name, from, to }) =>
      Number(subjects.get(source, name, from, to)?.subjects),
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
    // What is stored was validated.
    properties: { event: row.name as EventName } satisfies CompleteProperties,
    timestamp: String(row.timestamp),
  };
}
