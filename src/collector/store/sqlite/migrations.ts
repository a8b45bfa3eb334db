import type { DatabaseSync } from 'node:sqlite';
import type { TelemetryEvent } from '../../../event.ts';
import { dayNumber } from '../../day.ts';
import { addNames } from './names.ts';
import { pendingEvents } from './pending-events.ts';
import { eventRecorder, type ReceivedEvent } from './recorder.ts';
import { COUNTED, SCHEMA } from './schema.ts';

/** How far a migration is, in events. */
export interface MigrationProgress {
  readonly done: number;
  readonly total: number;
}

export interface MigrationOptions {
  /** Called after each chunk of events. */
  readonly onProgress: (progress: MigrationProgress) => void;
}

/** Changes the tables of one version to those of the newest. Runs in a transaction. */
type Migration = (database: DatabaseSync, options: MigrationOptions) => void;

/** A process of version 2 that still has the file open would count again what this one counts. Without `tally` it fails. */
const RENAME_TALLY = 'ALTER TABLE tally RENAME TO day_tally;';

/** From each older version. */
export const MIGRATIONS: Readonly<Record<number, Migration>> = {
  1: fromVersion1,
  2: (database) => database.exec(COUNTED + RENAME_TALLY),
  3: (database) => database.exec(RENAME_TALLY),
};

const CHUNK = 10_000;

/** Version 1 kept hashes as text, and single events for ever. They are recorded again, in their order. */
function fromVersion1(database: DatabaseSync, { onProgress }: MigrationOptions): void {
  database.exec(`
    ALTER TABLE event RENAME TO event_1;
    ALTER TABLE outcome RENAME TO outcome_1;
    DROP TABLE subject;
    DROP TABLE tally;
  `);
  database.exec(SCHEMA + COUNTED);
  database.exec('INSERT INTO outcome SELECT * FROM outcome_1; DROP TABLE outcome_1;');
  addNames(database);
  const record = eventRecorder(database);
  const pending = pendingEvents(database, { many: CHUNK });
  const total = Number(database.prepare('SELECT count(*) AS total FROM event_1').get()?.total);
  const next = database.prepare('SELECT * FROM event_1 WHERE seq > ? ORDER BY seq LIMIT ?');
  for (let after = 0, done = 0; ; ) {
    const rows = next.all(after, CHUNK);
    if (rows.length === 0) break;
    record(rows.map(eventOfVersion1));
    pending.count();
    after = Number(rows.at(-1)?.seq);
    done += rows.length;
    onProgress({ done, total });
  }
  database.exec('DROP TABLE event_1');
}

function eventOfVersion1(row: Record<string, unknown>): ReceivedEvent {
  const userId = String(row.user_id);
  const event = {
    messageId: String(row.message_id),
    anonymousId: userId,
    userId,
    event: row.source,
    properties: { event: row.name },
    timestamp: String(row.timestamp),
  };
  // The type is safe: every stored event was validated.
  return {
    event: event as TelemetryEvent,
    day: dayNumber(String(row.day)),
    receivedAt: Number(row.received_at),
  };
}
