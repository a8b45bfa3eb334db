import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openLater } from '../../src/collector/open-later.ts';
import { type Store, StoreUnavailable } from '../../src/collector/store/store.ts';
import { systemTime } from '../../src/runtime/time.ts';
import { aStore } from './setup.ts';

/** Opens the store at the attempt after these errors, without pauses. */
function setup(errors: readonly Error[] = []) {
  const left = [...errors];
  const called: string[] = [];
  const later = openLater({
    async open(): Promise<Store> {
      const error = left.shift();
      called.push(error ? 'fails' : 'opens');
      if (error) throw error;
      return aStore();
    },
    time: { ...systemTime, wait: async () => {} },
    onAway: () => called.push('away'),
    onBack: () => called.push('back'),
  });
  const stop = new AbortController();
  const part = later.whenOpen(async () => {
    await later.store.check();
    called.push('part');
    stop.abort();
  });
  return { later, called, stop, part };
}

describe('a store that is opened later', () => {
  const cases = [
    { title: 'immediately', errors: [], expected: ['opens', 'part'] },
    {
      title: 'after it was away',
      errors: [new StoreUnavailable('refused')],
      expected: ['fails', 'away', 'opens', 'back', 'part'],
    },
  ];
  for (const { title, errors, expected } of cases) {
    it(`opens ${title}, and a part that needs it begins then`, async () => {
      const { later, called, stop, part } = setup(errors);
      await assert.rejects(later.store.check(), StoreUnavailable);
      await Promise.all([part(stop.signal), later.run(stop.signal)]);
      assert.deepEqual(called, expected);
      await later.store.close();
    });
  }

  it('lets such a part end with its signal before that', async () => {
    const { called, stop, part } = setup();
    const ended = part(stop.signal);
    stop.abort();
    await ended;
    assert.deepEqual(called, []);
  });
});
