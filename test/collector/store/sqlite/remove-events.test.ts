import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { computeNumbers } from '../../../../src/collector/numbers/numbers.ts';
import { eventRemover } from '../../../../src/collector/store/sqlite/remove-events.ts';
import type { Store } from '../../../../src/collector/store/store.ts';
import { aFile } from '../../program.ts';
import { aBatch, anEvent, aStore, eventsOf, NOW } from '../../setup.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Opens a store with some events of each of ten days, received on that day. */
async function setup({ perDay = 3 } = {}) {
  const store = aStore();
  const eventsOn = (day: number) =>
    Array.from({ length: perDay }, (_, index) =>
      anEvent({
        messageId: `${day}-${index}`,
        subject: `c${index}`,
        name: index === 2 ? 'api-created' : 'heartbeat',
        timestamp: new Date(NOW - day * DAY_MS).toISOString(),
      }),
    );
  for (let day = 9; day >= 0; day -= 1) {
    await store.record(aBatch(eventsOn(day)), { receivedAt: NOW - day * DAY_MS });
  }
  return { store, eventsOn };
}

describe('the removal of old events', () => {
  it('leaves the numbers of every range, and the pages of the later events', async () => {
    const { store } = await setup();
    const ranges = [{}, { from: '2026-11-16', to: '2026-11-20' }, { to: '2026-11-15' }];
    const numbersOf = (one: Store) =>
      one.read((snapshot) => ranges.map((range) => computeNumbers(snapshot, range)));
    // Of another store, because this one must not have read its events before they are removed.
    const before = await numbersOf((await setup()).store);
    const last = (await eventsOf(store)).slice(-6);
    assert.equal(await store.removeEvents({ before: NOW - 1.5 * DAY_MS }), 24);
    assert.deepEqual(await numbersOf(store), before);
    assert.deepEqual(await eventsOf(store), last);
    assert.deepEqual(
      await store.events({ after: String(last[0]?.seq), limit: 2 }),
      last.slice(1, 3),
    );
  });

  it('leaves the place of a reader that has seen them all', async () => {
    const { store } = await setup();
    const last = (await eventsOf(store)).at(-1);
    await store.removeEvents({ before: NOW + 1 });
    assert.deepEqual(await store.events({ after: String(last?.seq), limit: 2 }), []);
    await store.record(aBatch([anEvent({ messageId: 'next' })]), { receivedAt: NOW });
    const [next] = await store.events({ after: String(last?.seq), limit: 2 });
    assert.equal(next?.messageId, 'next');
  });

  it('still knows a late repeat, also if it differs', async () => {
    const { store, eventsOn } = await setup();
    await store.removeEvents({ before: NOW });
    const repeats = [
      ...eventsOn(9),
      ...eventsOn(8).map((one) => ({ ...one, timestamp: '2026-11-23T00:00:00Z' })),
    ];
    const before = await store.read(computeNumbers);
    assert.deepEqual(await store.record(aBatch(repeats), { receivedAt: NOW }), {
      accepted: 0,
      duplicates: 6,
    });
    assert.deepEqual(await store.read(computeNumbers), before);
  });

  it('counts first, in a transaction of its own', async (t) => {
    const file = aFile(t);
    const store = aStore(file);
    await store.record(aBatch([anEvent()]), { receivedAt: NOW });
    const database = new DatabaseSync(file);
    t.after(() => database.close());
    database.exec(
      `CREATE TRIGGER full BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'no room'); END`,
    );
    await assert.rejects(store.removeEvents({ before: NOW + 1 }), /no room/);
    assert.equal(database.prepare('SELECT seq FROM counted').get()?.seq, 1);
    assert.equal(database.prepare('SELECT messages FROM day_tally').get()?.messages, 1);
    await store.close();
  });

  it('leaves events that are not counted yet', async (t) => {
    const file = aFile(t);
    const store = aStore(file);
    await store.record(aBatch([anEvent()]), { receivedAt: NOW });
    const database = new DatabaseSync(file);
    t.after(() => database.close());
    const remove = eventRemover(database);
    assert.equal(remove({ before: NOW + 1, limit: 10 }), 0);
    assert.equal((await eventsOf(store)).length, 1);
    assert.equal(await store.removeEvents({ before: NOW + 1 }), 1);
    await store.close();
  });

  it('finds old events that were imported after many new ones', async () => {
    const store = aStore();
    const recent = Array.from({ length: 1_200 }, (_, i) => anEvent({ messageId: `new-${i}` }));
    await store.record(aBatch(recent), { receivedAt: NOW });
    const receivedAt = NOW - 400 * DAY_MS;
    const old = Array.from({ length: 700 }, (_, i) => anEvent({ messageId: `old-${i}` }));
    await store.importEvents(old.map((event) => ({ event, receivedAt })));
    const steps: number[] = [];
    do steps.push(await store.removeEvents({ before: NOW - DAY_MS }));
    while (steps.at(-1) !== 0);
    assert.deepEqual(steps, [500, 200, 0]);
    const left = await eventsOf(store);
    assert.deepEqual(
      left.map(({ messageId }) => messageId),
      recent.map(({ messageId }) => messageId),
    );
    const { accepted } = await store.importEvents(old.map((event) => ({ event, receivedAt })));
    assert.equal(accepted, 0);
  });

  it('goes in steps until nothing is left, and a new event gets a later place', async () => {
    const { store } = await setup({ perDay: 120 });
    const lastSeq = Number((await eventsOf(store)).at(-1)?.seq);
    const steps: number[] = [];
    do steps.push(await store.removeEvents({ before: NOW + 1 }));
    while (steps.at(-1) !== 0);
    assert.deepEqual(steps, [500, 500, 200, 0]);
    await store.record(aBatch([anEvent()]), { receivedAt: NOW });
    assert.deepEqual(
      (await eventsOf(store)).map(({ seq }) => seq),
      [lastSeq + 1],
    );
  });
});
