import type { ArrivedEvent } from '../store.ts';
import type { Connection } from './connection.ts';
import { EVENT_COLUMNS, eventRow } from './rows.ts';

export interface InsertEventsOptions {
  readonly database: string;
  readonly events: readonly ArrivedEvent[];
}

/** Stores the first of the messages that have one id. */
export async function insertEvents(
  connection: Pick<Connection, 'insert'>,
  { database, events }: InsertEventsOptions,
): Promise<void> {
  const rows = new Map<string, object>();
  for (const { event, receivedAt } of events) {
    if (!rows.has(event.messageId)) rows.set(event.messageId, eventRow(event, { receivedAt }));
  }
  if (rows.size === 0) return;
  const table = `${database}.event`;
  await connection.insert({ table, columns: EVENT_COLUMNS, rows: [...rows.values()] });
}

export interface InsertOutcomesOptions {
  readonly database: string;
  /** What is added to each count. One that is negative is subtracted. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/** Adds to the counts of what was received: all of them, or none. */
export async function insertOutcomes(
  connection: Pick<Connection, 'insert'>,
  { database, outcomes }: InsertOutcomesOptions,
): Promise<void> {
  // The column has 64 bits without a sign, and its sums overflow.
  const rows = [...outcomes].map(([name, count]) => ({
    name,
    count: String(BigInt.asUintN(64, BigInt(count))),
  }));
  await connection.insert({ table: `${database}.outcome`, columns: ['name', 'count'], rows });
}
