import type { DatabaseSync } from 'node:sqlite';
import { type ActiveDays, NO_DAYS } from './active-days.ts';
import { hashFrom } from './columns.ts';
import { readNames } from './names.ts';
import { type Rollup, type RollupChanges, type Subject, startRollup } from './rollup.ts';
import { rollupTables } from './rollup-tables.ts';

/** The stored events that the rollup's tables do not have yet. */
export interface PendingEvents {
  /** Adds them to the tables, if there are many. Must run in a transaction that writes. */
  readonly countIfMany: () => void;
  /** Adds them to the tables. Must run in a transaction that writes. */
  readonly count: () => void;
  /**
   * Returns what they add to the tables, until the next call. Must run in a transaction.
   *
   * Keeps it in memory, so that each of them is read once, however often this is called.
   */
  readonly changes: () => RollupChanges;
}

export interface PendingEventsOptions {
  /** How many events are counted together, by the batch that completes them. */
  readonly many: number;
}

const PLACES = 'SELECT counted.seq AS counted, (SELECT max(seq) FROM event) AS last FROM counted';
const MESSAGES = `
  SELECT name, day, count(*) AS messages FROM event WHERE seq > ? GROUP BY name, day`;
const SET_COUNTED = 'UPDATE counted SET seq = ?';

/** In the order of `subject`, so that pages next to each other are read and written together. */
function subjectsFrom(byMessage: readonly number[]): string {
  return `FROM event WHERE seq > ? AND name NOT IN (${byMessage.join(', ')}) GROUP BY name, user_id`;
}

const STORED_DAYS = `
  (SELECT days FROM subject WHERE subject.name = event.name AND subject.user_id = event.user_id)`;

function subjectsQuery(byMessage: readonly number[]): string {
  return `SELECT name, user_id, group_concat(day), ${STORED_DAYS} ${subjectsFrom(byMessage)}`;
}

/** One statement, because each subject would take longer as a row that is returned and a row that is written. */
function addSubjects(byMessage: readonly number[]): string {
  return `
    INSERT INTO subject (name, user_id, days)
    SELECT name, user_id, add_days(name, group_concat(day), ${STORED_DAYS}) ${subjectsFrom(byMessage)}
    ON CONFLICT DO UPDATE SET days = excluded.days`;
}

/** A row of `subjectsQuery`: name, user, the new days with commas between them, and the old days, if any. */
type SubjectRow = readonly [number, Uint8Array, string, ActiveDays | null];

/** What a reader has read of the pending events. */
interface Read {
  /** The place of the last event in the tables. */
  readonly counted: number;
  /** The place of the last event that was read. */
  readonly last: number;
  readonly rollup: Rollup;
  /** The days of the subjects that were read, by the event's name and the subject. */
  readonly days: Map<string, ActiveDays>;
}

/** Prepares the statements. */
export function pendingEvents(
  database: DatabaseSync,
  { many }: PendingEventsOptions,
): PendingEvents {
  const places = database.prepare(PLACES);
  const messages = database.prepare(MESSAGES);
  const setCounted = database.prepare(SET_COUNTED);
  const { byMessage } = readNames(database);
  const subjects = database.prepare(subjectsQuery(byMessage));
  // An object for each row takes longer.
  subjects.setReturnArrays(true);
  const tables = rollupTables(database);
  /** What `add_days` adds to. */
  let counting = startRollup();
  database.function('add_days', (name, added, stored) => {
    const subject = { name: Number(name), days: (stored as ActiveDays | null) ?? NO_DAYS };
    return counting.addDays(subject, daysFrom(String(added)));
  });
  const countSubjects = database.prepare(addSubjects(byMessage));
  let read: Read | undefined;

  function addMessages(rollup: Rollup, after: number): void {
    for (const row of messages.iterate(after)) rollup.addMessages(row as never);
  }

  function addSubject(row: SubjectRow, { rollup, days }: Pick<Read, 'rollup' | 'days'>): void {
    const [name, userId, added, stored] = row;
    const key = keyOf({ name, userId });
    const before = days.get(key) ?? stored ?? NO_DAYS;
    days.set(key, rollup.addDays({ name, days: before }, daysFrom(added)));
  }

  /** Returns the same with the events that came later. */
  function readOn(before: Read, last: number): Read {
    const { last: after, rollup } = before;
    if (after >= last) return before;
    addMessages(rollup, after);
    for (const row of subjects.all(after)) addSubject(row as unknown as SubjectRow, before);
    return { ...before, last };
  }

  function placesNow() {
    const { counted, last } = places.get() ?? {};
    return { counted: Number(counted), last: Number(last) };
  }

  function count(): void {
    const { counted, last } = placesNow();
    if (last <= counted) return;
    counting = startRollup();
    addMessages(counting, counted);
    countSubjects.run(counted);
    tables.add(counting);
    setCounted.run(last);
  }

  return {
    count,
    countIfMany() {
      const { counted, last } = placesNow();
      if (last - counted >= many) count();
    },
    changes() {
      const { counted, last } = placesNow();
      const before = read?.counted === counted ? read : startRead(counted);
      // If this fails, the rollup has a part of the events.
      read = undefined;
      read = readOn(before, last);
      return read.rollup;
    },
  };
}

function startRead(counted: number): Read {
  return { counted, last: counted, rollup: startRollup(), days: new Map() };
}

function keyOf({ name, userId }: Omit<Subject, 'days'>): string {
  return `${name} ${hashFrom(userId)}`;
}

function daysFrom(text: string): readonly number[] {
  return text.split(',').map(Number);
}
