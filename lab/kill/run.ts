import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClickHouse } from '../clickhouse/start.ts';
import { type KillOptions, type KillResult, killRounds } from './kill-rounds.ts';

export type RunOptions = Pick<KillOptions, 'rounds' | 'seed' | 'log'>;

/** Kills one collector with SQLite. */
export async function killWithSqlite(options: RunOptions): Promise<KillResult> {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-kill-'));
  try {
    const flags = [`--database=${join(folder, 'kill.db')}`];
    return await killRounds({ ...options, flags, collectors: 1 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Kills two collectors that share ClickHouse, and ClickHouse. */
export async function killWithClickHouse(options: RunOptions): Promise<KillResult> {
  await using server = await startClickHouse();
  const { url, database } = server.database();
  const flags = [`--store=${url.replace('http', 'clickhouse')}/${database}`];
  return await killRounds({ ...options, flags, collectors: 2, server });
}
