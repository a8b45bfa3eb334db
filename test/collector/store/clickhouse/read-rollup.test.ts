import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type ClickHouse, startClickHouse } from '../../../../lab/clickhouse/start.ts';
import { eventually } from '../../../../lab/support/eventually.ts';
import { computeNumbers } from '../../../../src/collector/numbers/numbers.ts';
import { openClickHouseStore } from '../../../../src/collector/store/clickhouse/clickhouse-store.ts';
import { type Connection, connect } from '../../../../src/collector/store/clickhouse/connection.ts';
import {
  allQuery,
  changesQuery,
  stateQuery,
} from '../../../../src/collector/store/clickhouse/count-queries.ts';
import {
  MOST_INSERTS,
  type ReadRollupOptions,
  rollupReader,
} from '../../../../src/collector/store/clickhouse/read-rollup.ts';
import { INDEXES } from '../../../../src/collector/store/clickhouse/schema.ts';
import { systemTime } from '../../../../src/runtime/time.ts';
import { aBatch, anEvent, NOW } from '../../setup.ts';

describe('the reader of the counts in ClickHouse', () => {
  let server: ClickHouse;
  before(async () => {
    server = await startClickHouse();
  });
  after(() => server[Symbol.asyncDispose]());

  async function setup(t: TestContext, options: Partial<ReadRollupOptions> = {}) {
    const address = server.database();
    const { database } = address;
    /** How far both clocks are ahead, in microseconds: that of ClickHouse, and that of this process. */
    const clock = { by: 0n, ours: 0n };
    const time = {
      now: systemTime.now,
      after: (_: number, run: () => void) => systemTime.after(0, run),
      steady: () => systemTime.steady() + Number(clock.ours) / 1000,
    };
    const open = () => openClickHouseStore(address, { password: '', time, settleMs: 0 });
    const store = await open();
    const connection = connect({ ...address, use: 'read' });
    t.after(async () => {
      await store.close();
      await connection.close();
    });
    const queries: string[] = [];
    const beforeQuery: { text?: RegExp; work?: () => Promise<unknown> } = {};
    const spied: Pick<Connection, 'query'> = {
      async query(query, parameters) {
        queries.push(query);
        const { text, work } = beforeQuery;
        if (text?.test(query)) {
          delete beforeQuery.text;
          await work?.();
        }
        const rows = await connection.query(query, parameters);
        if (query !== stateQuery(database)) return rows;
        return rows.map((row) => ({
          ...row,
          settled: String(BigInt(String(row.settled)) - clock.by),
        }));
      },
    };
    const read = rollupReader(spied, {
      database,
      counts: spied,
      time,
      unsettledMs: 0,
      together: 1,
      ...options,
    });
    return {
      store,
      open,
      async indexBytes() {
        const [row] = await connection.query(
          `SELECT sum(data_compressed_bytes) AS bytes FROM system.data_skipping_indices WHERE database = '${database}'`,
        );
        return Number(row?.bytes);
      },
      command: (query: string) => connection.command(query.replaceAll('DATABASE', database)),
      beforeQuery,
      clock,
      record: (messageId: string, subject: string, day = '2026-11-20') =>
        store.record(aBatch([anEvent({ messageId, subject, timestamp: `${day}T10:00:00.000Z` })]), {
          receivedAt: NOW,
        }),
      async numbers() {
        const { total, days } = computeNumbers(await read());
        return { clusters: total.activeClusters, byDay: days.map((day) => day.activeClusters) };
      },
      /** Returns how often all events were counted so far. */
      countsOfAll: () => queries.filter((query) => query === allQuery(database)).length,
    };
  }

  it('counts all events once, and then only new ones', async (t) => {
    const { record, numbers, countsOfAll } = await setup(t);
    await record('m-1', 'a');
    assert.deepEqual(await numbers(), { clusters: 1, byDay: [1] });
    await record('m-2', 'a', '2026-11-22');
    assert.deepEqual(await numbers(), { clusters: 1, byDay: [1, 1] });
    // Between two days, a repeat of another subject, and a subject on an earlier day.
    await record('m-3', 'a', '2026-11-21');
    await record('m-3', 'b', '2026-11-21');
    await record('m-4', 'b', '2026-11-19');
    assert.deepEqual(await numbers(), { clusters: 2, byDay: [1, 1, 1, 1] });
    assert.equal(countsOfAll(), 1);
  });

  it('counts all events again after an insert that shows late', async (t) => {
    const { command, record, numbers, countsOfAll } = await setup(t);
    await record('m-1', 'a');
    await record('m-2', 'b');
    assert.deepEqual(await numbers(), { clusters: 2, byDay: [2] });
    // It began before all others, and its message is one of theirs: the first counts.
    await command(
      `INSERT INTO DATABASE.event
        (message_id, user_id, source, name, timestamp, day, received_at, version)
      SELECT message_id, 'c', source, name, timestamp, day + 1, received_at, version + 1000000
      FROM DATABASE.event WHERE message_id = 'm-1'`,
    );
    await record('m-3', 'b');
    assert.deepEqual(await numbers(), { clusters: 2, byDay: [1, 1] });
    assert.equal(countsOfAll(), 2);
  });

  it('counts all events again if some are removed while new ones are counted', async (t) => {
    const { store, record, numbers, countsOfAll, beforeQuery } = await setup(t);
    await record('m-1', 'a');
    await numbers();
    await record('m-2', 'b');
    beforeQuery.text = /arrayEnumerate/;
    beforeQuery.work = () => store.removeEvents({ before: NOW + 1 });
    assert.deepEqual(await numbers(), { clusters: 2, byDay: [2] });
    assert.equal(countsOfAll(), 2);
  });

  it('counts an insert that shows while others are counted for good', async (t) => {
    const { record, numbers, beforeQuery } = await setup(t);
    await record('m-1', 'a');
    await numbers();
    await record('m-2', 'b');
    beforeQuery.text = /arrayEnumerate/;
    beforeQuery.work = () => record('m-3', 'c');
    await numbers();
    await record('m-4', 'c');
    assert.deepEqual(await numbers(), { clusters: 3, byDay: [3] });
  });

  it('counts all events while more arrive than can be compared', async (t) => {
    const { record, numbers, countsOfAll } = await setup(t, { unsettledMs: 60_000, most: 1 });
    await record('m-1', 'a');
    await record('m-2', 'b');
    assert.deepEqual(await numbers(), { clusters: 2, byDay: [2] });
    await record('m-3', 'b', '2026-11-21');
    assert.deepEqual(await numbers(), { clusters: 2, byDay: [2, 1] });
    assert.equal(countsOfAll(), 4);
  });

  it('counts all events once more, and keeps that, after more have arrived than can be compared', async (t) => {
    const { record, numbers, countsOfAll } = await setup(t, { most: 1 });
    await record('m-1', 'a');
    await numbers();
    await record('m-2', 'b');
    await record('m-3', 'c');
    assert.deepEqual(await numbers(), { clusters: 3, byDay: [3] });
    await record('m-4', 'd');
    assert.deepEqual(await numbers(), { clusters: 4, byDay: [4] });
    assert.equal(countsOfAll(), 2);
  });

  it('does not count all events again because an insert of repeats was merged', async (t) => {
    const { record, numbers, command, countsOfAll } = await setup(t);
    await record('m-1', 'a');
    await record('m-1', 'b');
    await record('m-2', 'b');
    assert.deepEqual(await numbers(), { clusters: 2, byDay: [2] });
    await command('OPTIMIZE TABLE DATABASE.event FINAL');
    await record('m-3', 'c');
    assert.deepEqual(await numbers(), { clusters: 3, byDay: [3] });
    assert.equal(countsOfAll(), 1);
  });

  it('compares by a query that is not too long for ClickHouse', () => {
    const versions = Array(MOST_INSERTS).fill('9000000000000000000');
    assert.ok(changesQuery({ database: 'd'.repeat(63), versions }).length < 256 * 1024);
  });

  it('counts all events again each day, and after the clock has jumped', async (t) => {
    const { record, numbers, countsOfAll, clock } = await setup(t);
    const day = 24n * 60n * 60n * 1_000_000n;
    await record('m-1', 'a');
    await numbers();
    const counts: number[] = [];
    const later = [
      { by: day / 2n, ours: day / 2n },
      { by: day, ours: day },
      { by: day + 1n, ours: day + 1n },
      // It was set back by an hour, and two hours have passed.
      { by: day + day / 24n, ours: day + day / 12n },
      { by: 0n, ours: day + day / 12n },
    ];
    for (const clocks of later) {
      Object.assign(clock, clocks);
      await record(`m-${clocks.by}-2`, 'b');
      assert.deepEqual(await numbers(), { clusters: 2, byDay: [2] });
      counts.push(countsOfAll());
    }
    assert.deepEqual(counts, [1, 2, 2, 3, 4]);
  });

  it('gets the indexes of an older database that has events, and has the same numbers', async (t) => {
    const { record, numbers, command, indexBytes, open } = await setup(t);
    for (const name of Object.keys(INDEXES))
      await command(`ALTER TABLE DATABASE.event DROP INDEX ${name}`);
    await record('m-1', 'a');
    await record('m-2', 'b', '2026-11-21');
    const before = await numbers();
    assert.equal(await indexBytes(), 0);
    await (await open()).close();
    await eventually(async () => assert.ok((await indexBytes()) > 0));
    await record('m-3', 'b', '2026-11-20');
    assert.deepEqual(before, { clusters: 2, byDay: [1, 1] });
    assert.deepEqual(await numbers(), { clusters: 2, byDay: [2, 1] });
  });
});
