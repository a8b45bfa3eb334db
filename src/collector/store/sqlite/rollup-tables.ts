import type { DatabaseSync } from 'node:sqlite';
import type { GapChange, RollupChanges } from './rollup.ts';

/** The tables that are derived from the events, except the days of subjects. */
export interface RollupTables {
  readonly add: (changes: RollupChanges) => void;
}

const ADD_TALLY = `
  INSERT INTO day_tally (name, day, messages, subjects, newcomers) VALUES (?, ?, ?, ?, ?)
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
  const addTally = database.prepare(ADD_TALLY);
  const addGap = database.prepare(ADD_GAP);
  const dropGap = database.prepare(DROP_GAP);

  function writeGap({ name, day, previousDay, subjects }: GapChange): void {
    if (subjects === 0) return;
    addGap.run(name, day, previousDay, subjects);
    if (subjects < 0) dropGap.run(name, day, previousDay);
  }

  return {
    add({ tallies, gaps }) {
      for (const one of tallies) {
        addTally.run(one.name, one.day, one.messages, one.subjects, one.newcomers);
      }
      for (const one of gaps) writeGap(one);
    },
  };
}
