import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { programOf } from '../support/programs.ts';

/** One event as the endpoint keeps it. */
export interface Stored {
  readonly messageId: string;
  /** `properties.event`. */
  readonly name: string;
}

/** The real endpoint as a process of its own, with its store on disk. */
export interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Everything it has stored, each messageId once. */
  readonly stored: () => readonly Stored[];
  /** How many messages came again. */
  readonly repeats: () => number;
}

/** A hash is stored as its bytes. */
const STORED = `
  SELECT iif(typeof(message_id) = 'blob', lower(hex(message_id)), message_id) AS messageId, name.name
  FROM event JOIN name ON name.id = event.name ORDER BY seq`;

export const WRITE_KEY = 'test-write-key';

/** Starts one with a new database in the folder, on a free port. */
export async function startCollector(
  folder: string,
  { program = programOf('kusk-collector') }: { readonly program?: string } = {},
): Promise<Collector> {
  const file = join(folder, 'collector.db');
  const args = [program, '--listen', '127.0.0.1:0', '--database', file, '--write-key', WRITE_KEY];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const first = await Promise.race([once(lines, 'line'), ended.then(() => ['{}'])]);
  const { address } = JSON.parse(String(first[0])) as { readonly address?: string };
  if (address === undefined) throw new Error('kusk-collector has ended immediately');

  const query = <Row>(sql: string): readonly Row[] => {
    using database = new DatabaseSync(file, { readOnly: true });
    return database.prepare(sql).all() as unknown as readonly Row[];
  };
  return {
    url: address.startsWith('http') ? address : `http://${address}`,
    pid: child.pid ?? 0,
    stored: () => query<Stored>(STORED),
    repeats() {
      const [row] = query<{ count: number }>("SELECT count FROM outcome WHERE name = 'duplicates'");
      return row?.count ?? 0;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
