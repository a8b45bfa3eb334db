import type { DatabaseSync } from 'node:sqlite';
import { type ActiveDays, NO_DAYS } from './active-days.ts';

/** A subject and the days on which it sent an event. */
export interface Subject {
  /** The id of the event's name. */
  readonly name: number;
  readonly userId: Uint8Array;
  days: ActiveDays;
}

/** What is added to the tally of one event on one day. */
export interface TallyChange {
  readonly name: number;
  readonly day: number;
  messages: number;
  subjects: number;
  newcomers: number;
}

/** What is added to the subjects of one event on one day that have the same day before it. */
export interface GapChange {
  readonly name: number;
  readonly day: number;
  readonly previousDay: number;
  subjects: number;
}

export interface RollupChanges {
  /** With their new days. */
  readonly subjects: Iterable<Subject>;
  readonly tallies: Iterable<TallyChange>;
  readonly gaps: Iterable<GapChange>;
}

/** The tables that are derived from the events. */
export interface RollupTables {
  readonly daysOf: (subject: Omit<Subject, 'days'>) => ActiveDays;
  readonly write: (changes: RollupChanges) => void;
}

const DAYS = 'SELECT days FROM subject WHERE name = ? AND user_id = ?';
const SET_DAYS = `
  INSERT INTO subject (name, user_id, days) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET days = excluded.days`;
const ADD_TALLY = `
  INSERT INTO tally (name, day, messages, subjects, newcomers) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    messages = messages + excluded.messages,
    subjects = subjects + excluded.subjects,
    newcomers = newcomers + excluded.newcomers`;
const ADD_GAP = `
  INSERT INTO gap (name, day, previous_day, subjects) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET subjects = subjects + excluded.subjects`;
const DROP_GAP = 'DELETE FROM gap WHERE name = ? AND day = ? AND previous_day = ? AND subjects = 0';

/** Prepares the statements. */
export function rollupTables(database: DatabaseSync): RollupTables {
  const days = database.prepare(DAYS);
  const setDays = database.prepare(SET_DAYS);
  const addTally = database.prepare(ADD_TALLY);
  const addGap = database.prepare(ADD_GAP);
  const dropGap = database.prepare(DROP_GAP);

  function writeGap({ name, day, previousDay, subjects }: GapChange): void {
    if (subjects === 0) return;
    addGap.run(name, day, previousDay, subjects);
    if (subjects < 0) dropGap.run(name, day, previousDay);
  }

  return {
    daysOf: ({ name, userId }) =>
      (days.get(name, userId)?.days as ActiveDays | undefined) ?? NO_DAYS,
    write({ subjects, tallies, gaps }) {
      for (const one of subjects) setDays.run(one.name, one.userId, one.days);
      for (const one of tallies) {
        addTally.run(one.name, one.day, one.messages, one.subjects, one.newcomers);
      }
      for (const one of gaps) writeGap(one);
    },
  };
}
