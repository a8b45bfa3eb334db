import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { notifier } from '../../src/runtime/notifier.ts';
import { isSettled } from './is-settled.ts';

describe('a notifier', () => {
  function setup() {
    const stop = new AbortController();
    const one = notifier();
    return { ...one, stop, notified: () => one.notified(stop.signal) };
  }

  it('makes a caller wait until it is notified', async () => {
    const { notified, notify } = setup();
    const wait = notified();
    assert.equal(await isSettled(wait), false);
    notify();
    await wait;
  });

  it('wakes all waiters, but no later caller', async () => {
    const { notified, notify } = setup();
    const waiting = [notified(), notified(), notified()];
    notify();
    await Promise.all(waiting);
    assert.equal(await isSettled(notified()), false);
  });

  it('without waiters, lets only the next caller pass', async () => {
    const { notified, notify } = setup();
    notify();
    notify();
    await notified();
    assert.equal(await isSettled(notified()), false);
  });

  it('forgets a notification on reset', async () => {
    const { notified, notify, reset } = setup();
    notify();
    reset();
    assert.equal(await isSettled(notified()), false);
  });

  it('wakes all waiters on abort', async () => {
    const { notified, stop } = setup();
    const waiting = [notified(), notified()];
    stop.abort();
    await Promise.all(waiting);
    await notified();
  });

  it('never loses a notification: a worker that waits for work does all of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 50 }), async (steps) => {
        const { notified, notify, stop } = setup();
        let work = 0;
        let done = 0;
        const worker = (async () => {
          while (!stop.signal.aborted) {
            await notified();
            const taken = work;
            await turn();
            done = taken;
          }
        })();
        for (const waits of steps) {
          work += 1;
          notify();
          if (waits) await turn();
        }
        for (let step = 0; step < 4; step += 1) await turn();
        assert.equal(done, work);
        stop.abort();
        await worker;
      }),
    );
  });
});
