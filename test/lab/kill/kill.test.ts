import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { killWithClickHouse, killWithSqlite } from '../../../lab/kill/run.ts';

const OWN_SERVER = process.env.KUSK_TEST_CLICKHOUSE ? 'a server of your own is not killed' : false;

describe('a store whose processes are killed under load', () => {
  it('loses nothing and counts nothing twice in SQLite', async (t) => {
    const log = (line: string) => t.diagnostic(line);
    const { sent, lost, miscounted } = await killWithSqlite({ rounds: 4, seed: 1, log });
    assert.ok(sent > 0);
    assert.deepEqual({ lost, miscounted }, { lost: 0, miscounted: 0 });
  });

  it('loses nothing and counts nothing twice in ClickHouse', { skip: OWN_SERVER }, async (t) => {
    const log = (line: string) => t.diagnostic(line);
    const { sent, lost, miscounted } = await killWithClickHouse({ rounds: 3, seed: 4, log });
    assert.ok(sent > 0);
    assert.deepEqual({ lost, miscounted }, { lost: 0, miscounted: 0 });
  });
});
