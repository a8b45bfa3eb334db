import type { DatabaseSync } from 'node:sqlite';
import { CATALOGUE, catalogued, type EventName, type Source } from '../../../event.ts';

/** An event of the catalogue, as the database has it. */
export interface Name {
  readonly id: number;
  readonly source: Source;
  readonly name: EventName;
  /** Whether its number counts machines or clusters, rather than messages. */
  readonly isBySubject: boolean;
}

/** The events of the catalogue, by their ids in the database. */
export interface Names {
  readonly named: (source: Source, name: EventName) => Name;
  readonly withId: (id: unknown) => Name;
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
  const rows = database.prepare('SELECT id, source, name FROM name').all() as unknown as Name[];
  const all = rows.map((row) => ({ ...row, isBySubject: isBySubject(row) }));
  const byName = new Map(all.map((one) => [`${one.source} ${one.name}`, one]));
  const byId = new Map(all.map((one) => [one.id, one]));
  return {
    named: (source, name) => found(byName.get(`${source} ${name}`)),
    withId: (id) => found(byId.get(Number(id))),
  };
}

function isBySubject({ source, name }: Name): boolean {
  return (catalogued(source, name)?.number ?? Number.NaN) <= LAST_BY_SUBJECT;
}

function found(name: Name | undefined): Name {
  if (name === undefined) throw new TypeError('The database does not have this event.');
  return name;
}
