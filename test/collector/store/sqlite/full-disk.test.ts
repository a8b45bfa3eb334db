import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fullDiskReporter } from '../../../../src/collector/store/sqlite/full-disk.ts';
import { StoreUnavailable } from '../../../../src/collector/store/store.ts';

const NAMESPACE = ['--user', '--map-root-user', '--mount'];
const PROGRAM = join(import.meta.dirname, 'on-small-disk.ts');

/** Returns why no disk can be mounted, or `false`. */
function cannotMount(): string | false {
  const mount = ['mount', '-t', 'tmpfs', 'tmpfs', tmpdir()];
  const { status } = spawnSync('unshare', [...NAMESPACE, ...mount]);
  return status === 0 ? false : 'needs a user namespace that can mount a tmpfs';
}

function aFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-full-disk-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('a full disk', () => {
  it('makes senders retry, loses nothing that was acknowledged, and can be read, also after a restart', {
    skip: cannotMount(),
  }, (t) => {
    const command = [process.execPath, PROGRAM, aFolder(t)];
    const { stdout, stderr } = spawnSync('unshare', [...NAMESPACE, ...command], {
      encoding: 'utf8',
    });
    assert.notEqual(stdout, '', stderr);
    const { stored, ...result } = JSON.parse(stdout);
    assert.ok(stored > 0 && stored < 1_000);
    assert.deepEqual(result, {
      whileFull: ['503 1', '503 1'],
      readWhileFull: { status: 200, accepted: 100 * stored },
      imported: [
        'The disk is full: send it again. (database or disk is full): trying again for five minutes\n',
      ],
      restarted: 100 * stored,
      afterwards: ['200 null', '200 null'],
      batches: stored + 2,
      events: 100 * (stored + 2),
      started: '/test.db cannot be used as a database: the disk is full',
      failed: [],
    });
  });

  it('is reported once when it begins, and once when it is over', () => {
    const reports: unknown[] = [];
    const clock = { ms: 0 };
    const time = { steady: () => clock.ms };
    const whileRoom = fullDiskReporter({ onFull: (error) => reports.push(error), time });
    const full = Object.assign(new Error('database or disk is full'), { errcode: 13 });
    const fail = () => {
      throw full;
    };
    assert.equal(
      whileRoom(() => 1),
      1,
    );
    assert.throws(() => whileRoom(fail), StoreUnavailable);
    assert.throws(() => whileRoom(fail), StoreUnavailable);
    // As a small batch in space that a large one has left, and then a large one.
    clock.ms = 29_000;
    assert.equal(
      whileRoom(() => 2),
      2,
    );
    assert.throws(() => whileRoom(fail), StoreUnavailable);
    clock.ms = 58_999;
    whileRoom(() => 3);
    assert.deepEqual(reports, [full]);
    clock.ms = 59_000;
    whileRoom(() => 4);
    whileRoom(() => 5);
    assert.throws(
      () =>
        whileRoom(() => {
          throw new TypeError('another');
        }),
      TypeError,
    );
    assert.deepEqual(reports, [full, undefined]);
  });
});
