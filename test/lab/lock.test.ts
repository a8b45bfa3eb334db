import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { withLock } from '../../lab/support/lock.mjs';

describe('withLock', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kusk-lock-'));
    file = join(folder, 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('returns what the work returns, and leaves no file', async () => {
    assert.equal(await withLock(file, {}, async () => existsSync(file)), true);
    assert.equal(existsSync(file), false);
  });

  it('frees the lock when the work fails', async () => {
    const work = () => Promise.reject(new Error('no'));
    await assert.rejects(withLock(file, {}, work), /no/);
    assert.equal(existsSync(file), false);
  });

  it('lets one in after the other', async () => {
    const order: string[] = [];
    const waiting = Promise.withResolvers<void>();
    const first = withLock(file, {}, async () => {
      order.push('first in');
      await waiting.promise;
      order.push('first out');
    });
    const onWait = (owner?: number) => {
      order.push(`second waits for ${owner === process.pid ? 'us' : owner}`);
      waiting.resolve();
    };
    await withLock(file, { onWait }, async () => order.push('second in'));
    await first;
    assert.deepEqual(order, ['first in', 'second waits for us', 'first out', 'second in']);
  });

  it('takes over the lock of a process that is gone', async () => {
    const { pid } = spawnSync('true');
    writeFileSync(file, `${pid}\n`);
    assert.equal(await withLock(file, {}, async () => 'done'), 'done');
    assert.equal(existsSync(file), false);
  });

  it('takes over the lock of a process that has been silent for more than a minute', async () => {
    writeFileSync(file, `${process.ppid}\n`);
    const longAgo = new Date(Date.now() - 61_000);
    utimesSync(file, longAgo, longAgo);
    assert.equal(await withLock(file, {}, async () => 'done'), 'done');
  });

  it('lets one in of many who find the lock of a process that is gone', async () => {
    const { pid } = spawnSync('true');
    writeFileSync(file, `${pid}\n`);
    let inside = 0;
    const work = async () => {
      inside += 1;
      await new Promise(setImmediate);
      assert.equal(inside, 1);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => withLock(file, {}, work)));
  });
});
