import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { computeNumbers } from '../../../../src/collector/numbers/numbers.ts';
import { COUNTED } from '../../../../src/collector/store/sqlite/schema.ts';
import { openSqliteStore } from '../../../../src/collector/store/sqlite/sqlite-store.ts';
import { systemTime } from '../../../../src/runtime/time.ts';
import { aBatch, anEvent, eventsOf, NOW, outcomesOf } from '../../setup.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

/** Copies a database that the version with schema 1 wrote, with the numbers that it computed. */
function setup(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-collector-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'test.db');
  copyFileSync(join(FIXTURES, 'schema-1.db'), file);
  const expected = JSON.parse(readFileSync(join(FIXTURES, 'schema-1.json'), 'utf8'));
  const progress: object[] = [];
  const onMigration = (one: object) => progress.push(one);
  const open = () => openSqliteStore(file, { time: systemTime, onMigration });
  return { file, open, expected, progress };
}

/** Makes it a file of an older version, which differs only in this. */
function makeOlder(file: string, { version }: { readonly version: 2 | 3 }): void {
  const database = new DatabaseSync(file);
  if (version === 2) database.exec('DROP TABLE counted');
  database.exec(`ALTER TABLE day_tally RENAME TO tally; PRAGMA user_version = ${version}`);
  database.close();
}

for (const version of [2, 3] as const)
  describe(`a database of schema ${version}`, () => {
    it('has the same numbers after its migration, and counts later events', async (t) => {
      const { open, file } = setup(t);
      const old = open();
      await old.record(aBatch([anEvent()]), { receivedAt: NOW });
      await old.removeEvents({ before: 0 });
      const numbers = await old.read(computeNumbers);
      await old.close();
      makeOlder(file, { version });
      const store = open();
      assert.deepEqual(await store.read(computeNumbers), numbers);
      await store.record(aBatch([anEvent({ messageId: 'm-2', subject: 'b' })]), {
        receivedAt: NOW,
      });
      const { activeClusters } = (await store.read(computeNumbers)).total;
      assert.equal(activeClusters, numbers.total.activeClusters + 1);
      await store.close();
    });

    it('can no longer be written by a process of that version, which would count twice', async (t) => {
      const { open, file } = setup(t);
      await open().close();
      makeOlder(file, { version });
      const old = new DatabaseSync(file);
      const count = old.prepare('UPDATE tally SET messages = messages + 1');
      assert.notEqual(count.run().changes, 0);
      const store = open();
      assert.throws(() => count.run(), /no such table: tally/);
      await store.close();
      old.close();
    });
  });

describe('a database of schema 1', () => {
  it('has the same numbers, outcomes and events after its migration', async (t) => {
    const { open, expected, file } = setup(t);
    const store = open();
    const { range } = expected;
    assert.deepEqual(await store.read(computeNumbers), expected.numbers);
    assert.deepEqual(
      await store.read((snapshot) => computeNumbers(snapshot, range)),
      expected.ranged,
    );
    assert.deepEqual(await outcomesOf(store), expected.outcomes);
    assert.deepEqual(await eventsOf(store), expected.events);
    await store.close();
    const database = new DatabaseSync(file);
    const { seq } = expected.events.at(-1);
    assert.deepEqual(
      database
        .prepare('SELECT seq FROM counted')
        .all()
        .map(({ seq }) => seq),
      [seq],
    );
    // It can be repeated.
    database.exec(COUNTED);
    assert.equal(database.prepare('SELECT count(*) AS rows FROM counted').get()?.rows, 1);
    database.close();
  });

  it('counts no repeat of its messages', async (t) => {
    const { open, expected } = setup(t);
    const store = open();
    const events = await eventsOf(store);
    const { accepted } = await store.record(aBatch(events as never), { receivedAt: NOW });
    assert.equal(accepted, 0);
    assert.deepEqual(await store.read(computeNumbers), expected.numbers);
    await store.close();
  });

  it('is migrated once', async (t) => {
    const { open, expected, progress } = setup(t);
    await open().close();
    const total = expected.events.length;
    assert.deepEqual(progress, [{ done: total, total }]);
    await open().close();
    assert.equal(progress.length, 1);
  });
});
