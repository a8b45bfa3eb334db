import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limit } from '../../src/runtime/limit.ts';

function setup(count: number) {
  const started: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const run = limit(
    (name: string) => {
      started.push(name);
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return end.promise;
    },
    { count },
  );
  return { run, started, end: (name: string) => ends.get(name) };
}

describe('limit', () => {
  it('starts waiting calls in order as others end', async () => {
    const { run, started, end } = setup(2);
    const all = ['a', 'b', 'c', 'd'].map(run);
    assert.deepEqual(started, ['a', 'b']);
    end('b')?.resolve('done');
    assert.equal(await all[1], 'done');
    assert.deepEqual(started, ['a', 'b', 'c']);
  });

  it('continues after a failure', async () => {
    const { run, started, end } = setup(1);
    const all = ['a', 'b'].map(run);
    end('a')?.reject(new Error('broken'));
    await assert.rejects(Promise.resolve(all[0]), /broken/);
    assert.deepEqual(started, ['a', 'b']);
  });

  it('has all slots free again when all calls have ended', async () => {
    const { run, started, end } = setup(1);
    const first = run('a');
    end('a')?.resolve('done');
    await first;
    void run('b');
    void run('c');
    assert.deepEqual(started, ['a', 'b']);
  });
});
