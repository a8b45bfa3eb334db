import { createHash } from 'node:crypto';

/** A row of a query of outcomes. */
type Row = Readonly<Record<string, unknown>>;

/** What the notes of imports begin with. */
const IMPORT_PREFIX = 'import/';
/** So long after it began an import has ended. With clocks that differ, an insert takes less. */
const LIVE_MS = 10 * 60_000;

/** Returns what all notes of imports of these events begin with. The rest is when the import began, in milliseconds since the epoch. */
export function notePrefix(messages: readonly string[]): string {
  return `${IMPORT_PREFIX}${createHash('sha256').update(messages.join()).digest('hex')}/`;
}

/** A note that has ended leaves a sum of 0 until ClickHouse merges its rows. Sums are below 0 if a late insert has ended it twice. */
export function outcomesQuery(database: string): string {
  return `
    SELECT name, toInt64(sum(count)) AS count FROM ${database}.outcome GROUP BY name
    HAVING count != 0 OR NOT startsWith(name, '${IMPORT_PREFIX}') ORDER BY name`;
}

/** Returns the query of the notes that begin with `{prefix: String}`. */
export function notesQuery(database: string): string {
  return `
    SELECT name, toInt64(sum(count)) AS count FROM ${database}.outcome
    WHERE startsWith(name, {prefix: String}) GROUP BY name HAVING count != 0`;
}

/** Returns whether an import may be storing events that are not counted as received yet. */
export function isImporting(outcomes: readonly Row[], { now }: { readonly now: number }): boolean {
  return outcomes.some(
    (row) => isNote(row) && Number(row.count) > 0 && beganAt(row) > now - LIVE_MS,
  );
}

/** Only the events tell which of the received ones were repeats. */
export function outcomesOf(
  outcomes: readonly Row[],
  { accepted }: { readonly accepted: number },
): ReadonlyMap<string, number> {
  const others = outcomes.filter((row) => !isNote(row));
  const counts = new Map(others.map(({ name, count }) => [String(name), Number(count)]));
  const { received, ...refused } = Object.fromEntries(counts);
  if (received === undefined) return counts;
  const duplicates = Math.max(0, received - receivedTwice(outcomes) - accepted);
  return new Map(Object.entries({ accepted, duplicates, ...refused }).sort());
}

/** Returns how many events of imports are counted twice as received: of each group, what was taken from its notes more than once. */
function receivedTwice(outcomes: readonly Row[]): number {
  const byGroup = new Map<string, number>();
  for (const row of outcomes.filter(isNote)) {
    const [, group = ''] = String(row.name).split('/');
    byGroup.set(group, (byGroup.get(group) ?? 0) + Number(row.count));
  }
  return [...byGroup.values()].reduce((sum, count) => sum + Math.max(0, -count), 0);
}

function isNote({ name }: Row): boolean {
  return String(name).startsWith(IMPORT_PREFIX);
}

function beganAt({ name }: Row): number {
  return Number(String(name).split('/').at(-1));
}
