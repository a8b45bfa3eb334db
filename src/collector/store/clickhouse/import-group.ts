import type { Time } from '../../../runtime/time.ts';
import { type ArrivedEvent, type Recorded, StoreUnavailable } from '../store.ts';
import type { Connection } from './connection.ts';
import { insertEvents, insertOutcomes } from './insert-events.ts';
import { notePrefix, notesQuery } from './outcomes.ts';
import { messageHex } from './rows.ts';

export interface ImportGroupOptions {
  readonly database: string;
  readonly events: readonly ArrivedEvent[];
  readonly reads: Pick<Connection, 'query'>;
  readonly time: Pick<Time, 'now'>;
}

/**
 * Stores the events of an import, and counts those that are new as received.
 *
 * ClickHouse has no transactions. So the count of new events is noted in `outcome` before they are stored, and becomes the count of received
 * ones in one insert after that. An import that ends in between is completed by the next one of the same events, which takes over its note.
 * Only a new note changes the sum of notes and received ones. So if an import is completed twice, the notes of its events are below 0.
 *
 * Rejects with a `StoreUnavailable` if another import of the same events is seen. Imports are rare, so that they can look for what is stored.
 */
export async function importGroup(
  inserts: Pick<Connection, 'insert'>,
  { database, events, reads, time }: ImportGroupOptions,
): Promise<Recorded> {
  const ids = [...new Set(events.map(({ event }) => messageHex(event.messageId)))];
  const prefix = notePrefix(ids);
  const add = (outcomes: Counts) => insertOutcomes(inserts, { database, outcomes });
  const { notes, noted, fresh } = await lookUp();
  const isTakenOver = noted > 0;
  const accepted = fresh > 0 ? fresh : Math.min(Math.max(0, noted), ids.length);
  const result = { accepted, duplicates: events.length - accepted };
  if (accepted === 0) return result;

  const name = `${prefix}${time.now()}`;
  const count = isTakenOver ? noted : accepted;
  const taken = isTakenOver ? negative(notes) : new Map<string, number>();
  await add(new Map([...taken, [name, (taken.get(name) ?? 0) + count]]));
  await assertAlone();
  if (fresh > 0) await insertEvents(inserts, { database, events });
  await add(
    new Map([
      ['received', accepted],
      [name, -count],
    ]),
  );
  return result;

  /** Rejects if others have noted or stored these events since the first look. Then a new note is removed, unless it was taken over. */
  async function assertAlone(): Promise<void> {
    const now = await lookUp();
    if (now.fresh === fresh && now.noted === (isTakenOver ? noted : noted + count)) return;
    const left = Math.min(count, now.notes.get(name) ?? 0);
    if (!isTakenOver && left > 0) await add(new Map([[name, -left]]));
    throw new StoreUnavailable('Another import stores the same events: import them again.');
  }

  /** Notes first: an import that has ended its note has stored its events before. */
  async function lookUp() {
    const rows = await reads.query(notesQuery(database), { prefix });
    const notes: Counts = new Map(rows.map((row) => [String(row.name), Number(row.count)]));
    // Hex only. A parameter of this size would not fit into the address of the request.
    const list = `arrayJoin(splitByChar(',', '${ids.join(',')}'))`;
    const [stored] = await reads.query(
      `SELECT uniqExact(message_id) AS count FROM ${database}.event
      WHERE message_id IN (SELECT unhex(${list}))`,
    );
    return { notes, noted: sumOf(notes), fresh: ids.length - Number(stored?.count) };
  }
}

/** Counts by the name of an outcome. */
type Counts = ReadonlyMap<string, number>;

function negative(counts: Counts): Counts {
  return new Map([...counts].map(([name, count]) => [name, -count]));
}

function sumOf(counts: Counts): number {
  return counts.values().reduce((sum, count) => sum + count, 0);
}
