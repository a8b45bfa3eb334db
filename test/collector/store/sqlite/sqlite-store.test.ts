import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { computeNumbers } from '../../../../src/collector/numbers/numbers.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../../../src/collector/store/sqlite/schema.ts';
import { StoreError } from '../../../../src/collector/store/store.ts';
import { aBatch, anEvent, aStore, eventsOf, NOW, outcomesOf } from '../../setup.ts';

function setup(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-collector-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return { folder, file: join(folder, 'test.db') };
}

interface RefusedCase {
  readonly title: string;
  readonly make?: (file: string) => void | Promise<void>;
  /** The name of the file in the test's folder. */
  readonly name?: string;
  /** If set, the file is opened by a URI with this query. */
  readonly query?: string;
  readonly message: RegExp;
}

describe('openSqliteStore', () => {
  it('finds the stored events again', async (t) => {
    const { file } = setup(t);
    const first = aStore(file);
    await first.record(aBatch([anEvent()]), { receivedAt: NOW });
    const stored = await eventsOf(first);
    await first.close();
    const second = aStore(file);
    assert.deepEqual(await eventsOf(second), stored);
    assert.deepEqual(await second.record(aBatch([anEvent()]), { receivedAt: NOW }), {
      accepted: 0,
      duplicates: 1,
    });
    await second.close();
  });

  it('allows two writers of one file', async (t) => {
    const { file } = setup(t);
    const [one, other] = [aStore(file), aStore(file)];
    for (let i = 0; i < 20; i++) {
      const store = i % 2 ? one : other;
      await store.record(aBatch([anEvent({ messageId: `m-${i % 15}` })]), { receivedAt: NOW });
    }
    assert.equal((await eventsOf(one)).length, 15);
    assert.deepEqual(await outcomesOf(one), await outcomesOf(other));
    await other.close();
    await one.close();
  });

  it('counts events once that another process counts too', async (t) => {
    const { file } = setup(t);
    const [one, other] = [aStore(file, { countedTogether: 4 }), aStore(file)];
    const numbers: object[] = [];
    for (let i = 0; i < 9; i++) {
      const store = i % 2 ? one : other;
      const event = anEvent({ messageId: `m-${i}`, subject: `${i % 5}` });
      await store.record(aBatch([event]), { receivedAt: NOW });
      for (const each of [one, other]) numbers.push((await each.read(computeNumbers)).total);
    }
    const active = numbers.map((total) => (total as { activeClusters: number }).activeClusters);
    assert.deepEqual(active, [1, 1, 2, 2, 3, 3, 4, 4, ...Array(10).fill(5)]);
    await other.close();
    await one.close();
  });

  it('reads each event that is not counted yet once', async (t) => {
    const { file } = setup(t);
    const store = aStore(file);
    const numbersAfter = async (messageId: string, subject: string) => {
      await store.record(aBatch([anEvent({ messageId, subject })]), { receivedAt: NOW });
      return (await store.read(computeNumbers)).total.activeClusters;
    };
    assert.equal(await numbersAfter('m-1', 'a'), 1);
    // It would be missing if it were read again.
    const database = new DatabaseSync(file);
    database.exec('DELETE FROM event');
    database.close();
    assert.equal(await numbersAfter('m-2', 'b'), 2);
    assert.equal(await numbersAfter('m-3', 'a'), 2);
    await store.close();
  });

  it('refuses a file that it can read but not write, and names it', async (t) => {
    const { file } = setup(t);
    await aStore(file).close();
    assert.throws(
      () => aStore(`file:${file}?mode=ro`),
      (error) => {
        assert.ok(error instanceof StoreError);
        assert.match(error.message, /test\.db.* cannot be used as a database: .*readonly/);
        return true;
      },
    );
  });

  it('leaves nothing in the write-ahead log after close', async (t) => {
    const { file } = setup(t);
    const store = aStore(file);
    await store.record(aBatch([anEvent()]), { receivedAt: NOW });
    await store.close();
    assert.throws(() => readFileSync(`${file}-wal`), /ENOENT/);
  });

  it('stores a whole batch or nothing', async (t) => {
    const { file } = setup(t);
    const store = aStore(file);
    const broken = { ...anEvent({ messageId: 'b' }), messageId: null } as unknown as ReturnType<
      typeof anEvent
    >;
    await assert.rejects(
      store.record(aBatch([anEvent(), broken]), { receivedAt: NOW }),
      /NOT NULL/,
    );
    assert.deepEqual(await eventsOf(store), []);
    assert.equal((await store.record(aBatch([anEvent()]), { receivedAt: NOW })).accepted, 1);
    await store.close();
  });

  const refused: readonly RefusedCase[] = [
    {
      title: 'a file that is not a database',
      make: (file: string) => writeFileSync(file, 'x'.repeat(5_000)),
      message: /not a database/,
    },
    { title: "another program's database", make: foreign, message: /of another program/ },
    { title: 'a newer version', make: newer, message: /newer version \(schema 5/ },
    { title: 'a damaged file', make: damaged, message: /malformed|not a database/ },
    { title: 'a folder that does not exist', name: 'none/test.db', message: /unable to open/ },
    { title: 'a folder in its place', name: '.', message: /unable to open/ },
    {
      title: 'a file that cannot be written',
      make: empty,
      query: '?mode=ro',
      message: /readonly/,
    },
  ];
  for (const { title, make, name = 'test.db', query, message } of refused) {
    it(`refuses ${title} with a clear message and leaves it unchanged`, async (t) => {
      const { folder, file } = setup(t);
      await make?.(file);
      const before = make && readFileSync(file);
      const path = query ? `file:${file}${query}` : join(folder, name);
      assert.throws(
        () => aStore(path),
        (error) =>
          error instanceof StoreError &&
          message.test(error.message) &&
          error.message.startsWith(path),
      );
      if (before) assert.deepEqual(readFileSync(file), before);
    });
  }

  function foreign(file: string): void {
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE theirs (a)');
    database.close();
  }

  function empty(file: string): void {
    const database = new DatabaseSync(file);
    database.exec('VACUUM');
    database.close();
  }

  async function newer(file: string): Promise<void> {
    await aStore(file).close();
    const database = new DatabaseSync(file);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    database.close();
  }

  /** Creates a file with a valid header and a damaged first table. */
  function damaged(file: string): void {
    const database = new DatabaseSync(file);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; CREATE TABLE event (a)`);
    database.close();
    const bytes = readFileSync(file);
    bytes.fill(0xff, 100, 4096);
    writeFileSync(file, bytes);
  }
});
