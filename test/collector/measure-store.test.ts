import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { measureStore } from '../../src/collector/measure-store.ts';
import type { StoreCall } from '../../src/collector/metrics.ts';
import { PlaceError, StoreUnavailable } from '../../src/collector/store/store.ts';
import { aStore } from './setup.ts';

/** Measures a store whose removals fail with an error. */
function setup(error: Error) {
  const calls: StoreCall[] = [];
  const store = { ...aStore(), removeEvents: () => Promise.reject(error) };
  const measured = measureStore(store, {
    steady: () => 0,
    onStoreCall: (call) => void calls.push(call),
  });
  return { measured, calls };
}

describe('measureStore', () => {
  const cases = [
    { error: new StoreUnavailable('away'), failure: 'unavailable' },
    { error: new Error('disk'), failure: 'failed' },
    { error: new PlaceError(), failure: undefined },
  ];
  for (const { error, failure } of cases) {
    it(`counts a removal that fails with ${error.name} as ${failure ?? 'no failure'}`, async () => {
      const { measured, calls } = setup(error);
      await assert.rejects(measured.removeEvents({ before: 0 }), error);
      assert.deepEqual(calls, [{ operation: 'remove', seconds: 0, failure }]);
    });
  }
});
