import type { DatabaseSync } from 'node:sqlite';
import type { TelemetryEvent } from '../../../event.ts';

/** An event that was just stored, with the day that it counts for. */
export interface CountedEvent {
  readonly event: TelemetryEvent;
  readonly day: string;
}

const ALONE = `
  SELECT count(*) = 1 AS alone FROM (
    SELECT 1 FROM event WHERE source = ? AND name = ? AND day = ? AND user_id = ? LIMIT 2
  )`;
const FIRST_DAY = 'SELECT first_day FROM subject WHERE source = ? AND name = ? AND user_id = ?';
const SET_FIRST_DAY = `
  INSERT INTO subject (source, name, user_id, first_day) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET first_day = excluded.first_day`;
const ADD = `
  INSERT INTO tally (source, name, day, messages, subjects, newcomers) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    messages = messages + excluded.messages,
    subjects = subjects + excluded.subjects,
    newcomers = newcomers + excluded.newcomers`;

/**
 * Returns a function that updates `tally` and `subject` after an event was stored.
 *
 * The order of arrival makes no difference: an event of an earlier day moves the newcomer from the later
 * day to that day.
 */
export function tallyUpdater(database: DatabaseSync): (counted: CountedEvent) => void {
  const alone = database.prepare(ALONE);
  const firstDay = database.prepare(FIRST_DAY);
  const setFirstDay = database.prepare(SET_FIRST_DAY);
  const add = database.prepare(ADD);

  return function count({ event: { event: source, properties, userId }, day }) {
    const name = properties.event;
    const subjects = Number(alone.get(source, name, day, userId)?.alone);
    const known = firstDay.get(source, name, userId)?.first_day ?? undefined;
    const isEarliest = known === undefined || day < String(known);
    if (isEarliest) setFirstDay.run(source, name, userId, day);
    if (isEarliest && known !== undefined) add.run(source, name, known, 0, 0, -1);
    add.run(source, name, day, 1, subjects, isEarliest ? 1 : 0);
  };
}
