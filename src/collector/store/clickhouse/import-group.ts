import { createHash } from 'node:crypto';
import type { ArrivedEvent, Recorded } from '../store.ts';
import type { Connection } from './connection.ts';
import { IMPORT_PREFIX } from './count-queries.ts';
import { insertEvents, insertOutcomes } from './insert-events.ts';
import { messageHex } from './rows.ts';

export interface ImportGroupOptions {
  readonly database: string;
  readonly events: readonly ArrivedEvent[];
  readonly reads: Pick<Connection, 'query'>;
}

/**
 * Stores the events of an import, and counts those that are new as received.
 *
 * ClickHouse has no transactions. So the count of new events is noted in `outcome` before they are stored, under a name of this group, and
 * becomes the count of received ones in one insert after that. An import that ends in between is completed by the next one of the same events.
 * Imports are rare, so that they can look for what is stored already.
 */
export async function importGroup(
  inserts: Pick<Connection, 'insert'>,
  { database, events, reads }: ImportGroupOptions,
): Promise<Recorded> {
  const ids = [...new Set(events.map(({ event }) => messageHex(event.messageId)))];
  const note = `${IMPORT_PREFIX}${createHash('sha256').update(ids.join()).digest('hex')}`;
  const fresh = ids.length - (await storedOf(ids, { database, reads }));
  const noted = await notedAs(note, { database, reads });
  const accepted = noted > 0 ? noted : fresh;
  if (accepted > noted) {
    await insertOutcomes(inserts, { database, outcomes: new Map([[note, accepted]]) });
  }
  if (fresh > 0) await insertEvents(inserts, { database, events });
  if (accepted > 0) {
    const outcomes = new Map([
      ['received', accepted],
      [note, -accepted],
    ]);
    await insertOutcomes(inserts, { database, outcomes });
  }
  return { accepted, duplicates: events.length - accepted };
}

type Reads = Pick<ImportGroupOptions, 'database' | 'reads'>;

/** Resolves with how many of some messages are stored. */
async function storedOf(ids: readonly string[], { database, reads }: Reads): Promise<number> {
  // Hex only. A parameter of this size would not fit into the address of the request.
  const list = `arrayJoin(splitByChar(',', '${ids.join(',')}'))`;
  const [row] = await reads.query(
    `SELECT uniqExact(message_id) AS count FROM ${database}.event
    WHERE message_id IN (SELECT unhex(${list}))`,
  );
  return Number(row?.count);
}

async function notedAs(name: string, { database, reads }: Reads): Promise<number> {
  const [row] = await reads.query(
    `SELECT sum(count) AS count FROM ${database}.outcome WHERE name = {name: String}`,
    { name },
  );
  return Number(row?.count);
}
