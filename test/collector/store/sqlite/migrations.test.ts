import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { computeNumbers } from '../../../../src/collector/numbers/numbers.ts';
import { openSqliteStore } from '../../../../src/collector/store/sqlite/sqlite-store.ts';
import { systemTime } from '../../../../src/runtime/time.ts';
import { aBatch, eventsOf, NOW, outcomesOf } from '../../setup.ts';

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
  return { open, expected, progress };
}

describe('a database of schema 1', () => {
  it('has the same numbers, outcomes and events after its migration', async (t) => {
    const { open, expected } = setup(t);
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
