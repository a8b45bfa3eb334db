import { CATALOGUE } from '../../../event.ts';
import { NO_DAY, type RollupRow } from '../rollup-snapshot.ts';
import { VERSION_NOW, VERSION_REMOVED } from './schema.ts';

/** The numbers 1 to 4 count machines or clusters, the others messages. */
const BY_SUBJECT = CATALOGUE.filter(({ number }) => number <= 4);
/** Whether a row's event counts machines or clusters. */
export const IS_BY_SUBJECT = `(source, name) IN (${BY_SUBJECT.map(({ source, name }) => `('${source}', '${name}')`).join(', ')})`;

/**
 * Reads what is needed to trust counts of all events whose version is at least `since`.
 *
 * - `inserts` are those after it: their version, and their rows. All rows of an insert have one version.
 * - `shown` has the versions of the `settle` microseconds before `since`: another one is an insert that shows late. One that is gone
 *   was of repeats only, and ClickHouse has merged them.
 * - `removals` changes if events are removed.
 * - `settled` is the version of an insert from `unsettled` microseconds ago.
 */
export function stateQuery(database: string): string {
  return `
    SELECT toString(${VERSION_NOW} + {unsettled: UInt64}) AS settled,
      groupArrayIf((toString(version), events), version < {since: UInt64}) AS inserts,
      groupArrayIf(
        toString(version),
        version >= {since: UInt64} AND version < {since: UInt64} + {settle: UInt64}
      ) AS shown,
      toString((sum(removals), (SELECT count() FROM ${database}.activity))) AS removals
    FROM (
      SELECT version, count() AS events, sum(removed) AS removals FROM ${database}.event
      WHERE version < {since: UInt64} + {settle: UInt64} OR version >= ${VERSION_REMOVED}
      GROUP BY version
    )`;
}

/** Counts all events whose version is at least `since`: days of subjects, and messages. */
export function allQuery(database: string): string {
  return `
    SELECT source, name, day, previous_day, count() AS subjects, 0 AS messages
    FROM (
      SELECT source, name, arraySort(groupUniqArray(day)) AS days,
        arrayPushFront(arrayPopBack(days), ${NO_DAY}) AS before
      FROM (
        SELECT source, name, user_id, day FROM ${database}.event FINAL
        WHERE ${IS_BY_SUBJECT} AND removed = 0 AND version >= {since: UInt64}
        UNION ALL
        SELECT source, name, user_id, day FROM ${database}.activity
      )
      GROUP BY source, name, user_id
    )
    ARRAY JOIN days AS day, before AS previous_day
    GROUP BY source, name, day, previous_day
    UNION ALL
    SELECT source, name, day, ${NO_DAY} AS previous_day, 0 AS subjects, count() AS messages
    FROM ${database}.event FINAL
    WHERE version >= {since: UInt64}
    GROUP BY source, name, day`;
}

export interface ChangesOptions {
  readonly database: string;
  /** The versions of the inserts, which are all below `since`. There is at least one. */
  readonly versions: readonly string[];
}

/**
 * Counts what some inserts add to the counts of all events whose version is at least `since`.
 *
 * Reads only messages and subjects of these inserts. A message that was there before wins in `FINAL` by its version. The gaps of a
 * subject are counted with its new days, minus those that it had.
 */
export function changesQuery({ database, versions }: ChangesOptions): string {
  // A list of this size would not fit into the address of the request.
  const isInserted = `version < {since: UInt64} AND version IN (${versions.map((one) => BigInt(one)).join(', ')})`;
  const inserted = (column: string) =>
    `(SELECT ${column} FROM ${database}.event WHERE ${isInserted})`;
  const gaps = (days: string, by: 1 | -1) =>
    `arrayMap((one, at) -> (one, if(at = 1, ${NO_DAY}, ${days}[at - 1]), ${by}), ${days}, arrayEnumerate(${days}))`;
  return `
    SELECT source, name, gap.1 AS day, gap.2 AS previous_day,
      sum(gap.3) AS subjects, 0 AS messages
    FROM (
      SELECT source, name, arraySort(groupUniqArray(day)) AS days,
        arraySort(groupUniqArrayIf(day, is_new = 0)) AS old_days,
        arrayConcat(${gaps('days', 1)}, ${gaps('old_days', -1)}) AS gaps
      FROM (
        SELECT source, name, user_id, day, 1 AS is_new FROM ${database}.event FINAL
        WHERE message_id IN ${inserted('message_id')} AND ${isInserted} AND ${IS_BY_SUBJECT}
        UNION ALL
        SELECT source, name, user_id, day, 0 AS is_new FROM ${database}.event FINAL
        WHERE message_id IN (
            SELECT message_id FROM ${database}.event WHERE user_id IN ${inserted('user_id')}
          ) AND version >= {since: UInt64} AND removed = 0 AND ${IS_BY_SUBJECT}
        UNION ALL
        SELECT source, name, user_id, day, 0 AS is_new FROM ${database}.activity
        WHERE user_id IN ${inserted('user_id')}
      )
      GROUP BY source, name, user_id
      HAVING max(is_new) = 1
    )
    ARRAY JOIN gaps AS gap
    GROUP BY source, name, day, previous_day
    HAVING subjects != 0
    UNION ALL
    SELECT source, name, day, ${NO_DAY} AS previous_day, 0 AS subjects, count() AS messages
    FROM ${database}.event FINAL
    WHERE message_id IN ${inserted('message_id')} AND ${isInserted}
    GROUP BY source, name, day`;
}

/** Returns the row of a query of counts. */
export function rollupRow(row: Readonly<Record<string, unknown>>): RollupRow {
  return {
    source: String(row.source),
    name: String(row.name),
    day: Number(row.day),
    previousDay: Number(row.previous_day),
    subjects: Number(row.subjects),
    messages: Number(row.messages),
  };
}
