import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retention } from '../../src/collector/retention.ts';
import { StoreUnavailable } from '../../src/collector/store/store.ts';
import { NOW } from './setup.ts';

/** Runs the retention until its steps are used up. A step is how many events it removes, or an error. */
async function setup(steps: readonly (number | Error)[]) {
  const stop = new AbortController();
  const left = [...steps];
  const asked: number[] = [];
  const logged: string[] = [];
  const append = (fields: object, message: string) =>
    logged.push(`${message} ${'events' in fields ? fields.events : ''}`.trim());
  await retention({
    keepDays: 30,
    store: {
      async removeEvents({ before }) {
        asked.push(before);
        const step = left.shift() ?? 0;
        if (left.length === 0) stop.abort();
        if (step instanceof Error) throw step;
        return step;
      },
    },
    log: { info: append, warn: append, error: append },
    time: { now: () => NOW, wait: async () => {} },
  })(stop.signal);
  return { asked, logged };
}

describe('the retention', () => {
  it('removes what is older than its days in steps, and logs how many', async () => {
    const { asked, logged } = await setup([500, 500, 20, 0, 0]);
    assert.deepEqual(new Set(asked), new Set([Date.parse('2026-10-24T00:00:00Z')]));
    assert.deepEqual(logged, ['old events removed; their numbers stay 1020']);
  });

  it('ends with its signal during a removal', async () => {
    const stop = new AbortController();
    const fail = () => assert.fail('nothing is logged');
    const ended = retention({
      keepDays: 30,
      store: { removeEvents: () => new Promise(() => {}) },
      log: { info: fail, warn: fail, error: fail },
      time: { now: () => NOW, wait: async () => {} },
    })(stop.signal);
    stop.abort();
    await ended;
  });

  it('goes on after a store that is unavailable or fails', async () => {
    const { logged } = await setup([new StoreUnavailable('busy'), new Error('disk'), 5, 0, 0]);
    assert.deepEqual(logged, [
      'old events cannot be removed now',
      'old events cannot be removed now',
      'old events removed; their numbers stay 5',
    ]);
  });
});
