import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type ClickHouse, startClickHouse } from '../../../../lab/clickhouse/start.ts';
import { computeNumbers } from '../../../../src/collector/numbers/numbers.ts';
import { openClickHouseStore } from '../../../../src/collector/store/clickhouse/clickhouse-store.ts';
import { connect } from '../../../../src/collector/store/clickhouse/connection.ts';
import { importGroup } from '../../../../src/collector/store/clickhouse/import-group.ts';
import { StoreUnavailable } from '../../../../src/collector/store/store.ts';
import { systemTime } from '../../../../src/runtime/time.ts';
import { aBatch, anEvent, NOW, outcomesOf } from '../../setup.ts';

const EVENTS = ['b', 'c', 'd'].map((subject) => ({
  event: anEvent({ messageId: subject, subject }),
  receivedAt: NOW,
}));
const SENT = { receivedAt: NOW };

describe('an import into ClickHouse', () => {
  let server: ClickHouse;
  before(async () => {
    server = await startClickHouse();
  });
  after(() => server[Symbol.asyncDispose]());

  /** A store that has received one event twice, and was read. */
  async function setup(t: TestContext) {
    const address = server.database();
    const { database } = address;
    const store = await openClickHouseStore(address, { password: '', time: systemTime });
    const connection = connect({ ...address, use: 'insert' });
    t.after(async () => {
      await store.close();
      await connection.close();
    });
    const active = async () => computeNumbers(await store.read((one) => one)).total.activeClusters;
    await store.record(aBatch([anEvent({ messageId: 'a' })]), SENT);
    await store.record(aBatch([anEvent({ messageId: 'a' })]), SENT);
    assert.equal(await active(), 1);

    /** Imports the events, and ends with one of its inserts: before ClickHouse has it, or after that. */
    async function importUntil(nth: number, { isStored }: { readonly isStored: boolean }) {
      let inserts = 0;
      const insert: typeof connection.insert = async (options) => {
        inserts += 1;
        if (inserts < nth || isStored) await connection.insert(options);
        if (inserts === nth) throw new StoreUnavailable('killed');
      };
      const options = { database, events: EVENTS, reads: connection };
      await assert.rejects(importGroup({ insert }, options), /killed/);
    }
    return { store, active, importUntil };
  }

  for (const nth of [1, 2, 3]) {
    for (const isStored of [false, true]) {
      const when = `${isStored ? 'after' : 'before'} its insert ${nth} of 3`;
      it(`that is killed ${when} is completed by the next`, async (t) => {
        const { store, active, importUntil } = await setup(t);
        await importUntil(nth, { isStored });
        const areStored = nth > 2 || (nth === 2 && isStored);
        assert.equal(await active(), areStored ? 4 : 1);
        await store.importEvents(EVENTS);
        assert.equal(await active(), 4);
        assert.deepEqual(await outcomesOf(store), { accepted: 4, duplicates: 1 });
        assert.deepEqual(await store.importEvents(EVENTS), { accepted: 0, duplicates: 3 });
        await store.record(aBatch(EVENTS.map(({ event }) => event)), SENT);
        assert.deepEqual(await outcomesOf(store), { accepted: 4, duplicates: 4 });
      });
    }
  }

  it('shows its events also while it is not completed', async (t) => {
    const { active, importUntil, store } = await setup(t);
    await importUntil(1, { isStored: true });
    assert.equal(await active(), 1);
    await importUntil(1, { isStored: true });
    assert.equal(await active(), 4);
    assert.deepEqual(await outcomesOf(store), { accepted: 4, duplicates: 0 });
  });
});
