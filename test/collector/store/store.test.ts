import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { StoreError } from '../../../src/collector/store/database.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../../src/collector/store/schema.ts';
import { openStore } from '../../../src/collector/store/store.ts';
import { aBatch, anEvent, NOW } from '../setup.ts';

function setup(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-collector-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return { folder, file: join(folder, 'test.db') };
}

interface RefusedCase {
  readonly title: string;
  readonly make?: (file: string) => void;
  /** The name of the file in the test's folder. */
  readonly name?: string;
  /** If set, the file is opened by a URI with this query. */
  readonly query?: string;
  readonly message: RegExp;
}

const ALL = { after: 0, limit: 100 };

describe('openStore', () => {
  it('finds the stored events again', (t) => {
    const { file } = setup(t);
    const first = openStore(file);
    first.record(aBatch([anEvent()]), { receivedAt: NOW });
    const stored = first.events(ALL);
    first.close();
    const second = openStore(file);
    assert.deepEqual(second.events(ALL), stored);
    assert.deepEqual(second.record(aBatch([anEvent()]), { receivedAt: NOW }), {
      accepted: 0,
      duplicates: 1,
    });
    second.close();
  });

  it('allows two writers of one file', (t) => {
    const { file } = setup(t);
    const [one, other] = [openStore(file), openStore(file)];
    for (let i = 0; i < 20; i++) {
      const store = i % 2 ? one : other;
      store.record(aBatch([anEvent({ messageId: `m-${i % 15}` })]), { receivedAt: NOW });
    }
    assert.equal(one.events(ALL).length, 15);
    assert.deepEqual(one.outcomes(), other.outcomes());
    other.close();
    one.close();
  });

  it('refuses a file that it can read but not write, and names it', (t) => {
    const { file } = setup(t);
    openStore(file).close();
    assert.throws(
      () => openStore(`file:${file}?mode=ro`),
      (error) => {
        assert.ok(error instanceof StoreError);
        assert.match(error.message, /test\.db.* cannot be used as a database: .*readonly/);
        return true;
      },
    );
  });

  it('leaves nothing in the write-ahead log after close', (t) => {
    const { file } = setup(t);
    const store = openStore(file);
    store.record(aBatch([anEvent()]), { receivedAt: NOW });
    store.close();
    assert.throws(() => readFileSync(`${file}-wal`), /ENOENT/);
  });

  it('stores a whole batch or nothing', (t) => {
    const { file } = setup(t);
    const store = openStore(file);
    const broken = { ...anEvent({ messageId: 'b' }), messageId: null } as unknown as ReturnType<
      typeof anEvent
    >;
    assert.throws(() => store.record(aBatch([anEvent(), broken]), { receivedAt: NOW }), /NOT NULL/);
    assert.deepEqual(store.events(ALL), []);
    assert.deepEqual(store.record(aBatch([anEvent()]), { receivedAt: NOW }).accepted, 1);
    store.close();
  });

  const refused: readonly RefusedCase[] = [
    {
      title: 'a file that is not a database',
      make: (file: string) => writeFileSync(file, 'x'.repeat(5_000)),
      message: /not a database/,
    },
    { title: "another program's database", make: foreign, message: /of another program/ },
    { title: 'a newer version', make: newer, message: /newer version \(schema 2/ },
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
    it(`refuses ${title} with a clear message and leaves it unchanged`, (t) => {
      const { folder, file } = setup(t);
      make?.(file);
      const before = make && readFileSync(file);
      const path = query ? `file:${file}${query}` : join(folder, name);
      assert.throws(
        () => openStore(path),
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

  function newer(file: string): void {
    openStore(file).close();
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
