import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allSettled } from '../../src/runtime/all-settled.ts';
import { isSettled } from './is-settled.ts';

describe('allSettled', () => {
  it('resolves to all values', async () => {
    assert.deepEqual(await allSettled([Promise.resolve(1), Promise.resolve('a')]), [1, 'a']);
  });

  it('rejects with a failure when nothing is pending any more', async () => {
    const slow = Promise.withResolvers<void>();
    const all = allSettled([Promise.reject(new Error('no')), slow.promise]);
    all.catch(() => undefined);
    assert.equal(await isSettled(all), false);
    slow.resolve();
    await assert.rejects(all, /no/);
  });
});
