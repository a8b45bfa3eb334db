import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { recovery } from '../../src/cluster/recovery.ts';
import { retry } from '../../src/cluster/retry.ts';

describe('retry', () => {
  function setup(failures: readonly Error[]) {
    const clock = fakeTime();
    const stop = new AbortController();
    const left = [...failures];
    const troubles: string[] = [];
    let attempts = 0;
    let successes = 0;
    const result = retry(
      async () => {
        attempts += 1;
        const failure = left.shift();
        if (failure) throw failure;
        return 'done';
      },
      {
        time: clock.time,
        recovery: recovery({ time: clock.time, random: () => 0.5 }),
        random: () => 0.5,
        onTrouble: (error) => troubles.push((error as Error).message),
        onSuccess: () => {
          successes += 1;
        },
        isFinal: (error) => (error as Error).message === 'final',
      },
      stop.signal,
    );
    result.catch(() => undefined);
    return { clock, stop, result, troubles, attempts: () => attempts, successes: () => successes };
  }

  it('returns the value of the first success', async () => {
    const { result, troubles, successes } = setup([]);
    assert.equal(await result, 'done');
    assert.deepEqual(troubles, []);
    assert.equal(successes(), 1);
  });

  it('retries after half a second at first, and reports the error', async () => {
    const { result, clock, troubles, attempts } = setup([new Error('a'), new Error('b')]);
    await clock.pass(249);
    assert.equal(attempts(), 1);
    await clock.pass(1);
    assert.equal(attempts(), 2);
    await clock.pass(500);
    assert.equal(await result, 'done');
    assert.deepEqual(troubles, ['a', 'b']);
  });

  it('pauses for a minute at most', async () => {
    const { clock, attempts } = setup(Array.from({ length: 1_000 }, () => new Error('a')));
    await clock.pass(3_600_000);
    assert.ok(attempts() > 3_600 / 60, String(attempts()));
  });

  it('does not retry after a final error', async () => {
    const { result, attempts } = setup([new Error('final')]);
    await assert.rejects(result, { message: 'final' });
    assert.equal(attempts(), 1);
  });

  it('rejects on abort, and leaves no timer', async () => {
    const { result, clock, stop } = setup([new Error('a'), new Error('b')]);
    await clock.pass(1);
    stop.abort();
    await assert.rejects(result, { name: 'AbortError' });
    assert.equal(clock.waiting(), 0);
  });
});
