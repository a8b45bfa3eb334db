import type { DatabaseSync } from 'node:sqlite';
import { CATALOGUE, catalogued, type EventName, type Source } from '../../../event.ts';

/** An event of the catalogue, as the database has it. */
export interface Name {
  readonly id: number;
  readonly source: Source;
  readonly name: EventName;
}

/** The events of the catalogue, by their ids in the database. */
export interface Names {
  readonly named: (source: Source, name: EventName) => Name;
  readonly withId: (id: unknown) => Name;
  /** The ids of those whose number counts messages. The others count machines or clusters. */
  readonly byMessage: readonly number[];
}

const ADD = 'INSERT OR IGNORE INTO name (source, name) VALUES (?, ?)';
/** The numbers 1 to 4 count machines or clusters, the others messages. */
const LAST_BY_SUBJECT = 4;

/** Adds the events of the catalogue that the database does not have yet. */
export function addNames(database: DatabaseSync): void {
  const add = database.prepare(ADD);
  for (const { source, name } of CATALOGUE) add.run(source, name);
}

/** Reads the ids. A newer version can have added events that this one does not have. */
export function readNames(database: DatabaseSync): Names {
  const statement = database.prepare('SELECT id, source, name FROM name');
  const read = () => statement.all() as unknown as Name[];
  const rows = read();
  // Nested, because a key of both would be a new text for each event that is stored.
  const bySource = new Map(
    [...Map.groupBy(rows, ({ source }) => source)].map(([source, ofSource]) => [
      source,
      new Map(ofSource.map((one) => [one.name, one])),
    ]),
  );
  const byId = new Map(rows.map((one) => [one.id, one]));
  return {
    named: (source, name) => found(bySource.get(source)?.get(name)),
    withId: (id) => found(byId.get(Number(id)) ?? read().find((one) => one.id === Number(id))),
    byMessage: rows.filter(isByMessage).map(({ id }) => id),
  };
}

/** Not an event of a newer version, because this version may be the one that counts it. */
function isByMessage({ source, name }: Name): boolean {
  return (catalogued(source, name)?.number ?? LAST_BY_SUBJECT) > LAST_BY_SUBJECT;
}

function found(name: Name | undefined): Name {
  if (name === undefined) throw new TypeError('The database does not have this event.');
  return name;
}
