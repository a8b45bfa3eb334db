import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type ClickHouse, startClickHouse } from '../../../../lab/clickhouse/start.ts';
import { computeNumbers } from '../../../../src/collector/numbers/numbers.ts';
import { openClickHouseStore } from '../../../../src/collector/store/clickhouse/clickhouse-store.ts';
import { type Connection, connect } from '../../../../src/collector/store/clickhouse/connection.ts';
import { importGroup } from '../../../../src/collector/store/clickhouse/import-group.ts';
import { rollupReader } from '../../../../src/collector/store/clickhouse/read-rollup.ts';
import { StoreUnavailable } from '../../../../src/collector/store/store.ts';
import { systemTime } from '../../../../src/runtime/time.ts';
import { aBatch, anEvent, NOW, outcomesOf } from '../../setup.ts';

const EVENTS = ['b', 'c', 'd'].map((subject) => ({
  event: anEvent({ messageId: subject, subject }),
  receivedAt: NOW,
}));
const SENT = { receivedAt: NOW };
type Insert = Connection['insert'];

/** Before and after each of the three inserts of an import. */
const MOMENTS = [1, 2, 3].flatMap((nth) => [
  { nth, isStored: false, when: `before its insert ${nth} of 3` },
  { nth, isStored: true, when: `after its insert ${nth} of 3` },
]);

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
    const clock = { ms: NOW };
    const time = { ...systemTime, now: () => clock.ms };
    const store = await openClickHouseStore(address, { password: '', time });
    const connection = connect({ ...address, use: 'insert' });
    t.after(async () => {
      await store.close();
      await connection.close();
    });
    const active = async () => computeNumbers(await store.read((one) => one)).total.activeClusters;
    await store.record(aBatch([anEvent({ messageId: 'a' })]), SENT);
    await store.record(aBatch([anEvent({ messageId: 'a' })]), SENT);
    assert.equal(await active(), 1);

    /** Imports the events by another process, with what happens at its inserts. */
    function importBy(insert: (nth: number, ...options: Parameters<Insert>) => Promise<void>) {
      let inserts = 0;
      const inserting = { insert: (options: Parameters<Insert>[0]) => insert(++inserts, options) };
      return importGroup(inserting, { database, events: EVENTS, reads: connection, time });
    }

    /** Imports the events, and ends with one of its inserts: before ClickHouse has it, or after that. Resolves with that insert. */
    async function importUntil(nth: number, { isStored }: { readonly isStored: boolean }) {
      let last = async () => {};
      const killed = importBy(async (at, options) => {
        if (at < nth || isStored) await connection.insert(options);
        if (at < nth) return;
        last = () => connection.insert(options);
        throw new StoreUnavailable('killed');
      });
      await assert.rejects(killed, /killed/);
      return () => last();
    }

    let queries = 0;
    const counts: Pick<Connection, 'query'> = {
      async query(query, parameters) {
        queries += 1;
        return await connection.query(query, parameters);
      },
    };
    const read = rollupReader(connection, { database, counts, time });
    /** Reads all events, and resolves with how many queries have counted some. */
    async function countsOfRead(): Promise<number> {
      queries = 0;
      assert.equal(computeNumbers(await read()).total.activeClusters, 4);
      return queries;
    }
    return { store, active, importUntil, importBy, countsOfRead, connection, clock };
  }

  for (const { nth, isStored, when } of MOMENTS) {
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

  it('shows its events also while it is not completed', async (t) => {
    const { active, importUntil, store } = await setup(t);
    await importUntil(1, { isStored: true });
    assert.equal(await active(), 1);
    await importUntil(2, { isStored: true });
    assert.equal(await active(), 4);
    assert.deepEqual(await outcomesOf(store), { accepted: 4, duplicates: 0 });
  });

  it('whose last insert arrives after the next import counts each event once', async (t) => {
    const { store, active, importUntil } = await setup(t);
    const arrive = await importUntil(3, { isStored: false });
    assert.deepEqual(await store.importEvents(EVENTS), { accepted: 3, duplicates: 0 });
    await arrive();
    for (let read = 0; read < 2; read += 1) {
      assert.equal(await active(), 4);
      assert.deepEqual(await outcomesOf(store), { accepted: 4, duplicates: 1 });
      assert.deepEqual(await store.importEvents(EVENTS), { accepted: 0, duplicates: 3 });
    }
  });

  it('that is killed twice is completed by the third', async (t) => {
    const { store, importUntil, clock } = await setup(t);
    await importUntil(2, { isStored: true });
    clock.ms += 1;
    await importUntil(1, { isStored: true });
    clock.ms += 1;
    assert.deepEqual(await store.importEvents(EVENTS), { accepted: 3, duplicates: 0 });
    assert.deepEqual(await outcomesOf(store), { accepted: 4, duplicates: 1 });
  });

  for (const { nth, isStored, when } of MOMENTS) {
    it(`counts each event once if another one of them runs ${when}`, async (t) => {
      const { store, active, importBy, connection, clock } = await setup(t);
      let others = 0;
      async function importOther(): Promise<void> {
        clock.ms += 1;
        await store.importEvents(EVENTS);
        others += 1;
      }
      const one = importBy(async (at, options) => {
        if (at === nth && !isStored) await importOther();
        await connection.insert(options);
        if (at === nth && isStored) await importOther();
      });
      await one.catch((error: unknown) => assert.ok(error instanceof StoreUnavailable));
      assert.equal(others, 1);
      await store.importEvents(EVENTS);
      assert.equal(await active(), 4);
      assert.deepEqual(await outcomesOf(store), { accepted: 4, duplicates: 1 });
    });
  }

  it('that notes its events together with another one counts each event once', async (t) => {
    const { store, importBy, connection } = await setup(t);
    const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const importWith = (mine: PromiseWithResolvers<void>, their: PromiseWithResolvers<void>) =>
      importBy(async (_, options) => {
        await connection.insert(options);
        mine.resolve();
        await their.promise;
      });
    await Promise.allSettled([importWith(one, other), importWith(other, one)]);
    await store.importEvents(EVENTS);
    assert.deepEqual(await outcomesOf(store), { accepted: 4, duplicates: 1 });
  });

  it('is no reason to count again for ever if it is never completed', async (t) => {
    const { importUntil, countsOfRead, clock } = await setup(t);
    await importUntil(2, { isStored: true });
    for (let nth = 0; nth < 2; nth += 1) assert.notEqual(await countsOfRead(), 0);
    clock.ms += 10 * 60_000;
    assert.equal(await countsOfRead(), 0);
  });

  it('is no reason to count again after it was completed twice', async (t) => {
    const { store, importUntil, countsOfRead } = await setup(t);
    const arrive = await importUntil(3, { isStored: false });
    await store.importEvents(EVENTS);
    await arrive();
    assert.notEqual(await countsOfRead(), 0);
    assert.equal(await countsOfRead(), 0);
  });
});
