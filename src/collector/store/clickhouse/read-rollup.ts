import { CATALOGUE } from '../../../event.ts';
import { NO_DAY, type RollupRow, rollupSnapshot } from '../rollup-snapshot.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Connection } from './connection.ts';
import { shareRuns } from './share-runs.ts';

export interface ReadRollupOptions {
  readonly database: string;
}

/** The numbers 1 to 4 count machines or clusters, the others messages. */
const BY_SUBJECT = CATALOGUE.filter(({ number }) => number <= 4);
/** Whether a row's event counts machines or clusters. */
export const IS_BY_SUBJECT = `(source, name) IN (${BY_SUBJECT.map(({ source, name }) => `('${source}', '${name}')`).join(', ')})`;

/**
 * Returns a function that reads the counts of all events, and reads them again only after an insert. Concurrent
 * calls share a read.
 *
 * One query reads all events, so that they are of one moment. An event that is removed has no user any more, and
 * counts as a message. Its user's day is in `activity`.
 */
export function rollupReader(
  connection: Connection,
  { database }: ReadRollupOptions,
): () => Promise<Snapshot> {
  let known: { readonly received: string; readonly snapshot: Snapshot } | undefined;

  async function read(): Promise<Snapshot> {
    const rows = await connection.query(rollupQuery(database));
    const outcomes = await connection.query(outcomesQuery(database));
    return rollupSnapshot({ rows: rows.map(rollupRow), outcomes: outcomesOf(outcomes, rows) });
  }

  return shareRuns(async () => {
    // Each insert is counted in `outcome` after it is stored and before it is acknowledged.
    const received = JSON.stringify(await connection.query(outcomesQuery(database)));
    if (known?.received === received) return known.snapshot;
    const snapshot = await read();
    known = { received, snapshot };
    return snapshot;
  });
}

function rollupQuery(database: string): string {
  return `
    SELECT source, name, at.1 AS day, at.3 AS previous_day,
      countIf(subject != '') AS subjects, sum(at.2) AS messages
    FROM (
      SELECT source, name, subject, arraySort(groupArray((day, messages))) AS days,
        arrayJoin(arrayMap(
          (one, before) -> (one.1, one.2, if(subject = '', ${NO_DAY}, before)),
          days,
          arrayPushFront(arrayPopBack(days.1), ${NO_DAY})
        )) AS at
      FROM (
        SELECT source, name, subject, day, sum(messages) AS messages
        FROM (
          SELECT source, name, if(${IS_BY_SUBJECT}, user_id, '') AS subject, day, 1 AS messages
          FROM ${database}.event FINAL
          UNION ALL
          SELECT source, name, user_id AS subject, day, 0 AS messages FROM ${database}.activity
        )
        GROUP BY source, name, subject, day
      )
      GROUP BY source, name, subject
    )
    GROUP BY source, name, day, previous_day
    ORDER BY day, source, name`;
}

function outcomesQuery(database: string): string {
  return `SELECT name, sum(count) AS count FROM ${database}.outcome GROUP BY name ORDER BY name`;
}

function rollupRow(row: Readonly<Record<string, unknown>>): RollupRow {
  return {
    source: String(row.source),
    name: String(row.name),
    day: Number(row.day),
    previousDay: Number(row.previous_day),
    subjects: Number(row.subjects),
    messages: Number(row.messages),
  };
}

/** Only the events tell which of the received ones were repeats. */
function outcomesOf(
  outcomes: readonly Readonly<Record<string, unknown>>[],
  rows: readonly Readonly<Record<string, unknown>>[],
): ReadonlyMap<string, number> {
  const counts = new Map(outcomes.map(({ name, count }) => [String(name), Number(count)]));
  const { received, ...refused } = Object.fromEntries(counts);
  if (received === undefined) return counts;
  const accepted = rows.reduce((sum, { messages }) => sum + Number(messages), 0);
  const duplicates = Math.max(0, received - accepted);
  return new Map(Object.entries({ accepted, duplicates, ...refused }).sort());
}
