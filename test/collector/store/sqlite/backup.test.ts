import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parseBackupFlags } from '../../../../src/collector/backup-flags.ts';
import { FlagError } from '../../../../src/collector/flag-values.ts';
import { backUp } from '../../../../src/collector/store/sqlite/backup.ts';
import { aFile, runOnce } from '../../program.ts';
import { aBatch, anEvent, aStore, eventsOf, NOW } from '../../setup.ts';

/** Creates a database with one event. The store stays open, as that of a running collector. */
async function setup(t: TestContext) {
  const file = aFile(t);
  const store = aStore(file);
  t.after(() => store.close());
  await store.record(aBatch([anEvent()]), { receivedAt: NOW });
  const folder = join(dirname(file), 'backups');
  mkdirSync(folder);
  return { file, store, folder };
}

describe('a backup', () => {
  it('has what the database had, while a collector has it open, and can be used in its place', async (t) => {
    const { file, store, folder } = await setup(t);
    const into = join(folder, 'copy.db');
    assert.equal(await backUp(file, { into, keep: 7, now: () => NOW }), into);
    await store.record(aBatch([anEvent({ messageId: 'later' })]), { receivedAt: NOW });
    const copy = aStore(into);
    t.after(() => copy.close());
    assert.deepEqual(
      (await eventsOf(copy)).map(({ messageId }) => messageId),
      ['message-1'],
    );
    const { accepted } = await copy.record(aBatch([anEvent()]), { receivedAt: NOW });
    assert.equal(accepted, 0);
  });

  it('in a folder has the time in its name, and replaces the oldest', async (t) => {
    const { file, folder } = await setup(t);
    writeFileSync(join(folder, 'mine.db'), '');
    for (const second of [0, 1, 2]) {
      await backUp(file, { into: folder, keep: 2, now: () => NOW + second * 1000 });
    }
    assert.deepEqual(
      new Set(readdirSync(folder)),
      new Set([
        'kusk-collector-20261123T120001Z.db',
        'kusk-collector-20261123T120002Z.db',
        'mine.db',
      ]),
    );
  });

  it('in a folder stays, also if the clock was ahead before or goes back meanwhile', async (t) => {
    const { file, folder } = await setup(t);
    const copyOf = (time: string) => `kusk-collector-${time}.db`;
    const times = ['20261122T021700Z', '20360101T000000Z', '20360102T000000Z'];
    for (const time of times) writeFileSync(join(folder, copyOf(time)), '');
    const clock = [NOW, NOW - 1000];
    await backUp(file, { into: folder, keep: 2, now: () => clock.shift() ?? NOW });
    assert.deepEqual(
      new Set(readdirSync(folder)),
      new Set([copyOf('20261122T021700Z'), copyOf('20261123T120000Z')]),
    );
  });

  it('creates the folder that a path with a slash at its end names, and none before it', async (t) => {
    const { file, folder } = await setup(t);
    const into = join(folder, 'new/');
    for (const now of [NOW, NOW + 1000]) await backUp(file, { into, keep: 7, now: () => now });
    assert.equal(readdirSync(into).length, 2);
    await assert.rejects(backUp(file, { into: join(folder, 'a/b/'), keep: 7, now: () => NOW }), {
      name: 'StoreError',
      message: /a\/b\/ cannot be created: ENOENT/,
    });
    assert.deepEqual(readdirSync(folder), ['new']);
  });

  it('in a folder deletes copies that were cut off, and not one that is being written', async (t) => {
    const { file, folder } = await setup(t);
    const partials = ['20261122T021700Z', '20261123T115500Z'].map(
      (time) => `kusk-collector-${time}.db.partial`,
    );
    for (const name of [...partials, 'mine.partial']) writeFileSync(join(folder, name), 'x');
    const [cut = '', written = ''] = partials;
    const seconds = NOW / 1000;
    utimesSync(join(folder, cut), seconds - 3_600, seconds - 3_600);
    utimesSync(join(folder, written), seconds - 5, seconds - 5);
    await backUp(file, { into: folder, keep: 2, now: () => NOW });
    assert.deepEqual(
      new Set(readdirSync(folder)),
      new Set([written, 'mine.partial', 'kusk-collector-20261123T120000Z.db']),
    );
  });

  it('is never half written under its name, and overwrites nothing', async (t) => {
    const { file, folder } = await setup(t);
    const other = join(folder, 'other.db');
    writeFileSync(other, 'not a database');
    const cases = [
      { from: file, into: other, message: /other\.db exists: name a file that does not/ },
      {
        from: join(folder, 'none.db'),
        into: folder,
        message: /none\.db does not exist.*--database/,
      },
      { from: other, into: join(folder, 'x.db'), message: /other\.db cannot be copied/ },
      { from: file, into: join(folder, 'no/x.db'), message: /cannot be copied/ },
    ];
    for (const { from, into, message } of cases) {
      await assert.rejects(backUp(from, { into, keep: 1, now: () => NOW }), {
        name: 'StoreError',
        message,
      });
    }
    assert.deepEqual(readdirSync(folder), ['other.db']);
    assert.equal(existsSync(join(folder, 'none.db')), false);
  });

  it('is a command of the program, which prints the path', async (t) => {
    const { file, folder } = await setup(t);
    const into = join(folder, 'copy.db');
    const { code, out, err } = await runOnce(t, ['backup', into, '--database', file]);
    assert.deepEqual({ code, out, err }, { code: 0, out: `${into}\n`, err: '' });
    const again = await runOnce(t, ['backup', into, '--database', file]);
    assert.deepEqual([again.code, again.out], [1, '']);
    assert.match(again.err, /copy\.db exists/);
  });
});

describe('the flags of backup', () => {
  it('name the database as those of the collector do', () => {
    const base = { command: 'backup', into: 'b', keep: 7, database: './kusk-collector.db' };
    assert.deepEqual(parseBackupFlags(['b'], { env: {} }), base);
    assert.deepEqual(parseBackupFlags(['b'], { env: { COLLECTOR_DATABASE: ' ' } }), base);
    const env = { COLLECTOR_DATABASE: '/data/a.db' };
    assert.deepEqual(parseBackupFlags(['b'], { env }), { ...base, database: '/data/a.db' });
    const args = ['--database', 'c.db', '--keep=3', 'b'];
    assert.deepEqual(parseBackupFlags(args, { env }), { ...base, database: 'c.db', keep: 3 });
    assert.equal(parseBackupFlags(['--help'], { env }), 'help');
  });

  for (const args of [
    [],
    [''],
    ['a', 'b'],
    ['a', '--keep=0'],
    ['a', '--what'],
    ['a', '--database='],
  ]) {
    it(`refuse "${args.join(' ')}"`, () => {
      assert.throws(() => parseBackupFlags(args, { env: {} }), FlagError);
    });
  }
});
