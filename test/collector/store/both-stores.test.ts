import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type ClickHouse, startClickHouse } from '../../../lab/clickhouse/start.ts';
import { eventually } from '../../../lab/support/eventually.ts';
import { exportEvents } from '../../../src/collector/export-events.ts';
import { importEvents } from '../../../src/collector/import-events.ts';
import { computeNumbers } from '../../../src/collector/numbers/numbers.ts';
import {
  type ClickHouseOptions,
  openClickHouseStore,
} from '../../../src/collector/store/clickhouse/clickhouse-store.ts';
import { connect, type Use } from '../../../src/collector/store/clickhouse/connection.ts';
import { eventRemover } from '../../../src/collector/store/clickhouse/remove-events.ts';
import {
  PlaceError,
  type Store,
  type StoredEvent,
  StoreUnavailable,
} from '../../../src/collector/store/store.ts';
import { CATALOGUE, CREATED, KINDS, type TelemetryEvent } from '../../../src/event.ts';
import { systemTime } from '../../../src/runtime/time.ts';
import { aBatch, anEvent, aStore, eventsOf, NOW, outcomesOf } from '../setup.ts';

const DAYS = ['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23'];

const event = fc
  .record({
    entry: fc.constantFrom(...CATALOGUE),
    id: fc.nat(60),
    subject: fc.constantFrom('a', 'b', 'c'),
    day: fc.constantFrom(...DAYS),
    hour: fc.integer({ min: 10, max: 23 }),
  })
  .map(({ entry, id, subject, day, hour }) =>
    anEvent({
      messageId: `m-${id}`,
      subject,
      source: entry.source,
      name: entry.name,
      timestamp: `${day}T${hour}:00:00.000Z`,
    }),
  );

/** Computes the numbers from all events, by the rules of the design's table. */
function modelled(received: readonly TelemetryEvent[], { from, to }: { from: string; to: string }) {
  const once = new Map<string, TelemetryEvent>();
  for (const one of received) if (!once.has(one.messageId)) once.set(one.messageId, one);
  const all = [...once.values()];
  const inRange = all.filter((one) => from <= dayOf(one) && dayOf(one) <= to);
  const days = DAYS.filter((day) => inRange.some((one) => dayOf(one) === day));
  const of = (source: string, name: string, events = inRange) =>
    events.filter((one) => one.event === source && one.properties.event === name);

  function installs(source: string, [first, last]: readonly [string, string]): number {
    const subjects = Object.groupBy(of(source, 'install', all), ({ userId }) => userId);
    const firsts = Object.values(subjects).map((events = []) => events.map(dayOf).sort()[0] ?? '');
    return firsts.filter((day) => first <= day && day <= last).length;
  }

  function numbers(first: string, last: string) {
    const within = inRange.filter((one) => first <= dayOf(one) && dayOf(one) <= last);
    const isUsage = ({ event: source, properties }: TelemetryEvent) =>
      CATALOGUE.find((e) => e.source === source && e.name === properties.event)?.number === 2;
    const usages = within.filter(isUsage);
    return {
      cliInstallations: installs('kusk-cli', [first, last]),
      cliUsages: distinct(usages, (one) => `${one.userId} ${one.properties.event} ${dayOf(one)}`),
      clusterInstallations: installs('kusk-gateway', [first, last]),
      activeClusters: distinct(of('kusk-gateway', 'heartbeat', within), ({ userId }) => userId),
      disabled: within.filter(({ properties }) => properties.event === 'analytics-disabled').length,
      uiSessions: of('kusk-dashboard', 'session', within).length,
      creations: Object.fromEntries(
        KINDS.map((kind) => [kind, of('kusk-gateway', CREATED[kind], within).length]),
      ),
    };
  }

  return {
    accepted: all.length,
    total: numbers(from, to),
    days: days.map((day) => ({ day, ...numbers(day, day) })),
  };
}

function dayOf({ timestamp }: TelemetryEvent): string {
  return timestamp.slice(0, 10);
}

function distinct(events: readonly TelemetryEvent[], key: (one: TelemetryEvent) => string): number {
  return new Set(events.map(key)).size;
}

function spanOf(days: readonly { readonly day: string }[]) {
  const sorted = days.map(({ day }) => day).sort();
  const [from, to] = [sorted.at(0), sorted.at(-1)];
  return from === undefined || to === undefined ? undefined : { from, to };
}

interface Opened {
  /** Returns another empty store. */
  readonly open: () => Promise<Store>;
  readonly runs: number;
}

/** The same suite for each store. */
function hasTheNumbersOfTheModel({ open, runs }: Opened): void {
  it('has the numbers of a naive model for any events in any order, also if they are read meanwhile', async () => {
    const batches = fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 8 });
    const range = fc.tuple(fc.constantFrom(...DAYS), fc.constantFrom(...DAYS));
    await fc.assert(
      fc.asyncProperty(batches, range, fc.boolean(), async (received, [one, other], isRead) => {
        const store = await open();
        for (const b of received) {
          await store.record(aBatch(b), { receivedAt: NOW });
          if (isRead) await store.read(computeNumbers);
        }
        const sent = received.flat();
        const { accepted, ...numbers } = modelled(sent, { from: '2026-11-20', to: '2026-11-23' });
        assert.deepEqual(await store.read(computeNumbers), numbers);
        assert.deepEqual(await store.read((snapshot) => snapshot.span()), spanOf(numbers.days));
        assert.deepEqual(
          { accepted: 0, duplicates: 0, ...(await outcomesOf(store)) },
          { accepted, duplicates: sent.length - accepted },
        );
        const [from, to] = one < other ? [one, other] : [other, one];
        const { accepted: _, ...ranged } = modelled(sent, { from, to });
        assert.deepEqual(
          await store.read((snapshot) => computeNumbers(snapshot, { from, to })),
          ranged,
        );
        await store.close();
      }),
      { numRuns: runs, seed: 20_261_123 },
    );
  });

  it('keeps the first of two messages of one id, in a batch and later', async () => {
    const store = await open();
    const first = anEvent({ subject: 'a', timestamp: '2026-11-20T10:00:00.000Z' });
    const second = anEvent({ subject: 'b', timestamp: '2026-11-21T10:00:00.000Z' });
    await store.record(aBatch([first, second]), { receivedAt: NOW });
    await store.record(aBatch([second]), { receivedAt: NOW - 60_000 });
    const stored = await eventsOf(store);
    assert.deepEqual(
      stored.map(({ userId, day }) => ({ userId, day })),
      [{ userId: first.userId, day: '2026-11-20' }],
    );
    await store.close();
  });

  it('has every event once in its pages, whatever the form of its id', async () => {
    const store = await open();
    const ids = ['a', 'b'.repeat(32), 'ab'.repeat(32), 'AB'.repeat(32), 'c'.repeat(100), '_-1'];
    const events = ids.map((messageId) =>
      anEvent({ messageId, timestamp: '2026-11-20T10:00:00.000Z' }),
    );
    await store.record(aBatch(events), { receivedAt: NOW });
    const pages: StoredEvent[] = [];
    for (let after = ''; ; ) {
      const page = await store.events({ after, limit: 2 });
      if (page.length === 0) break;
      pages.push(...page);
      after = String(page.at(-1)?.seq);
    }
    const payloads = pages.map(({ seq, day, receivedAt, ...payload }) => payload);
    const byId = (one: TelemetryEvent) => one.messageId;
    assert.deepEqual(
      Object.groupBy(payloads as TelemetryEvent[], byId),
      Object.groupBy(events, byId),
    );
    await store.close();
  });

  it('keeps its numbers and its messages when single events are removed', async () => {
    const store = await open();
    const events = DAYS.flatMap((day, index) =>
      ['a', 'b'].slice(0, 1 + (index % 2)).flatMap((subject) => [
        anEvent({ messageId: `h-${day}-${subject}`, subject, timestamp: `${day}T10:00:00.000Z` }),
        anEvent({
          messageId: `c-${day}-${subject}`,
          subject,
          name: 'api-created',
          timestamp: `${day}T10:00:00.000Z`,
        }),
      ]),
    );
    for (const one of events)
      await store.record(aBatch([one]), { receivedAt: Date.parse(one.timestamp) });
    const ranges = DAYS.flatMap((from) => DAYS.map((to) => ({ from, to })));
    const numbers = () =>
      store.read((snapshot) => [{}, ...ranges].map((range) => computeNumbers(snapshot, range)));
    const before = await numbers();
    const removal = { before: Date.parse('2026-11-22T00:00:00Z') };
    assert.equal(await store.removeEvents(removal), 6);
    assert.equal(await store.removeEvents(removal), 0);
    assert.deepEqual(await numbers(), before);
    const changed = events.map((one) => ({ ...one, timestamp: '2026-11-23T10:00:00.000Z' }));
    await store.record(aBatch(changed), { receivedAt: NOW });
    assert.deepEqual(await numbers(), before);
    assert.equal((await eventsOf(store)).length, events.length - 6);
    await store.close();
  });
}

for (const countedTogether of [1, 10, 20_000]) {
  describe(`the store in SQLite that counts ${countedTogether} events together`, () => {
    hasTheNumbersOfTheModel({
      open: async () => aStore(':memory:', { countedTogether }),
      runs: 150,
    });
  });
}

describe('the store in ClickHouse', () => {
  let server: ClickHouse;
  before(async () => {
    server = await startClickHouse();
  });
  after(() => server[Symbol.asyncDispose]());

  hasTheNumbersOfTheModel({ open: () => openIn(server), runs: 15 });

  describe('that counts each event for good at the next read', () => {
    const counting = { unsettledMs: 0, together: 1 };
    hasTheNumbersOfTheModel({
      open: () => openAt(server.database(), { counting }),
      runs: 10,
    });
  });

  it('moves from SQLite to ClickHouse and back, interrupted and repeated', async () => {
    const sqlite = aStore();
    const sent = fc.sample(event, { numRuns: 120, seed: 20_261_126 });
    for (const one of sent) await sqlite.record(aBatch([one]), { receivedAt: NOW });
    const exported = await exportedLines(sqlite);
    const clickHouse = await openIn(server);
    // The first import ends in the middle.
    await importEvents(clickHouse, { lines: linesOf(exported.slice(0, 20)), now: 0 });
    const { stored, repeats, refused } = await importEvents(clickHouse, {
      lines: linesOf([...exported, 'no JSON', '[]']),
      now: 0,
    });
    assert.deepEqual([stored, repeats], [exported.length - 20, 20]);
    assert.deepEqual(
      refused,
      new Map([
        ['not-json', 1],
        ['not-an-object', 1],
      ]),
    );
    const back = aStore();
    await importEvents(back, { lines: linesOf(await exportedLines(clickHouse)), now: 0 });
    const numbers = await sqlite.read(computeNumbers);
    const accepted = exported.length;
    for (const store of [clickHouse, back]) {
      assert.deepEqual(await store.read(computeNumbers), numbers);
      assert.equal((await outcomesOf(store)).accepted, accepted);
      await store.close();
    }
  });

  it('has the numbers of two collectors that store the same batches', async () => {
    const address = server.database();
    const [one, other] = await Promise.all([openAt(address), openAt(address)]);
    const events = DAYS.map((day) => anEvent({ messageId: day, timestamp: `${day}T10:00:00Z` }));
    const stored = events.flatMap((each) =>
      [one, other, one].map((store) => store.record(aBatch([each]), { receivedAt: NOW })),
    );
    await Promise.all(stored);
    for (const store of [one, other]) {
      assert.deepEqual(await outcomesOf(store), { accepted: 4, duplicates: 8 });
      assert.equal((await store.read(computeNumbers)).total.activeClusters, 1);
      await store.close();
    }
  });

  it('loses no event that is imported while old ones are removed', async () => {
    const address = server.database();
    const { database } = address;
    const store = await openAt(address);
    const timestamp = '2026-11-20T10:00:00.000Z';
    const importOld = (subject: string) =>
      store.importEvents([
        {
          event: anEvent({ messageId: subject, subject, timestamp }),
          receivedAt: Date.parse(timestamp),
        },
      ]);
    await importOld('m-0');
    const connection = connect({ ...address, use: 'remove' });
    const imported: string[] = [];
    const removeEvents = eventRemover(
      {
        ...connection,
        async command(query, parameters) {
          imported.push(`m-${imported.length + 1}`);
          await importOld(imported.at(-1) ?? '');
          await connection.command(query, parameters);
        },
      },
      { database, settleMs: 0 },
    );
    assert.equal(await removeEvents({ before: NOW }), 1);
    await eventually(async () => {
      const pending = await connection.query(
        `SELECT mutation_id FROM system.mutations WHERE database = '${database}' AND NOT is_done`,
      );
      assert.deepEqual(pending, []);
    });
    assert.equal((await store.read(computeNumbers)).total.activeClusters, 1 + imported.length);
    assert.deepEqual(
      (await eventsOf(store)).map(({ messageId }) => messageId),
      imported,
    );
    const later = eventRemover(connection, { database, settleMs: 60_000 });
    assert.equal(await later({ before: NOW }), 0);
    await connection.close();
    await store.close();
  });

  it('begins its pages after an event that it has or had, and after no other', async () => {
    const store = await openIn(server);
    const events = ['a', 'b'].map((messageId) => anEvent({ messageId }));
    await store.record(aBatch(events), { receivedAt: NOW });
    await store.removeEvents({ before: NOW + 1 });
    assert.deepEqual(await store.events({ after: 'a', limit: 10 }), []);
    await assert.rejects(store.events({ after: '17', limit: 10 }), PlaceError);
    await store.close();
  });

  it('refuses a database of a newer version', async () => {
    const address = server.database();
    await (await openAt(address)).close();
    const { database } = address;
    const connection = connect({ ...address, use: 'prepare' });
    await connection.command(`INSERT INTO ${database}.kusk_collector_schema VALUES (99)`);
    await connection.close();
    await assert.rejects(openAt(address), /newer version \(schema 99, this one has 1\)/);
  });

  it('is unavailable while the server is away, and loses nothing that it has stored', async (t) => {
    if (process.env.KUSK_TEST_CLICKHOUSE) return t.skip('a server of your own is not killed');
    const failures: string[] = [];
    const address = server.database();
    const store = await openAt(address, {
      onFailure: (use: Use, error: unknown) =>
        void failures.push(`${use} ${error === undefined ? 'is back' : 'fails'}`),
    });
    await store.record(aBatch([anEvent()]), { receivedAt: NOW });
    await server.kill();
    const second = aBatch([anEvent({ messageId: 'message-2' })]);
    await assert.rejects(store.record(second, { receivedAt: NOW }), StoreUnavailable);
    await assert.rejects(store.read(computeNumbers), StoreUnavailable);
    await assert.rejects(store.check(), StoreUnavailable);
    await server.restart();
    await store.record(second, { receivedAt: NOW });
    assert.equal((await eventsOf(store)).length, 2);
    await store.check();
    assert.deepEqual(
      failures,
      ['fails', 'is back'].flatMap((what) =>
        ['insert', 'read', 'check'].map((use) => `${use} ${what}`),
      ),
    );
    await store.close();
  });
});

async function exportedLines(store: Store): Promise<readonly string[]> {
  const texts: string[] = [];
  await exportEvents(store, { after: '', write: async (text) => void texts.push(text) });
  return texts.join('').trimEnd().split('\n');
}

async function* linesOf(lines: readonly string[]) {
  yield* lines;
}

/** Opens a store in a new database. */
function openIn(server: ClickHouse): Promise<Store> {
  return openAt(server.database());
}

function openAt(
  address: ReturnType<ClickHouse['database']>,
  options: Pick<ClickHouseOptions, 'onFailure' | 'counting'> = {},
): Promise<Store> {
  // Groups are written immediately.
  const time = { ...systemTime, after: (_: number, run: () => void) => systemTime.after(0, run) };
  return openClickHouseStore(address, {
    password: address.password,
    time,
    settleMs: 0,
    ...options,
  });
}
