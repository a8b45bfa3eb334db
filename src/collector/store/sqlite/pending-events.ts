import type { DatabaseSync } from 'node:sqlite';
import { type ActiveDays, NO_DAYS } from './active-days.ts';
import { readNames } from './names.ts';
import { type RollupChanges, type Subject, startRollup } from './rollup.ts';
import { rollupTables } from './rollup-tables.ts';

/** The stored events that the rollup's tables do not have yet. */
export interface PendingEvents {
  /** Adds them to the tables, if there are many. Must run in a transaction that writes. */
  readonly countIfMany: () => void;
  /** Adds them to the tables. Must run in a transaction that writes. */
  readonly count: () => void;
  /** Returns what they add to the tables. Must run in a transaction. */
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
function subjectsQuery(byMessage: readonly number[]): string {
  return `
    SELECT name, user_id, group_concat(day),
      (SELECT days FROM subject WHERE subject.name = event.name AND subject.user_id = event.user_id)
    FROM event WHERE seq > ? AND name NOT IN (${byMessage.join(', ')})
    GROUP BY name, user_id`;
}

/** A row of `subjectsQuery`: name, user, the new days with commas between them, and the old days, if any. */
type SubjectRow = readonly [number, Uint8Array, string, ActiveDays | null];

/** Prepares the statements. */
export function pendingEvents(
  database: DatabaseSync,
  { many }: PendingEventsOptions,
): PendingEvents {
  const places = database.prepare(PLACES);
  const messages = database.prepare(MESSAGES);
  const setCounted = database.prepare(SET_COUNTED);
  const subjects = database.prepare(subjectsQuery(readNames(database).byMessage));
  // An object for each row takes longer.
  subjects.setReturnArrays(true);
  const tables = rollupTables(database);
  let known: { readonly key: string; readonly changes: RollupChanges } | undefined;

  /** Calls `onSubject` with each subject and its new days. */
  function changesAfter(seq: number, onSubject: (subject: Subject, isNew: boolean) => void) {
    const rollup = startRollup();
    for (const row of messages.iterate(seq)) rollup.addMessages(row as never);
    for (const row of subjects.all(seq)) {
      const [name, userId, added, days] = row as unknown as SubjectRow;
      const subject = { name, userId, days: days ?? NO_DAYS };
      const all = rollup.addDays(subject, added.split(',').map(Number));
      onSubject({ ...subject, days: all }, days === null);
    }
    return rollup;
  }

  function placesNow() {
    const { counted, last } = places.get() ?? {};
    return { counted: Number(counted), last: Number(last) };
  }

  function count(): void {
    const { counted, last } = placesNow();
    if (last <= counted) return;
    const changed: Parameters<typeof tables.setDays>[] = [];
    const changes = changesAfter(counted, (...subject) => changed.push(subject));
    for (const subject of changed) tables.setDays(...subject);
    tables.add(changes);
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
      const key = `${counted} ${last}`;
      if (known?.key !== key) known = { key, changes: changesAfter(counted, () => {}) };
      return known.changes;
    },
  };
}
