import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shareRuns } from '../../../../src/collector/store/clickhouse/share-runs.ts';

/** A task that ends when the test says so. It resolves with the number of its run. */
function setup() {
  const runs: { readonly end: (error?: Error) => void }[] = [];
  const shared = shareRuns(() => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const number = runs.push({ end: (error) => (error ? reject(error) : resolve(number)) });
    return promise;
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { runs, shared, turn };
}

describe('shareRuns', () => {
  it('has one run at a time, and one more for all calls during it', async () => {
    const { runs, shared, turn } = setup();
    const first = shared();
    await turn();
    const later = [shared(), shared(), shared()];
    await turn();
    assert.equal(runs.length, 1);
    runs[0]?.end();
    assert.equal(await first, 1);
    await turn();
    runs[1]?.end();
    assert.deepEqual(await Promise.all(later), [2, 2, 2]);
    assert.equal(runs.length, 2);
  });

  it('runs again after a run that failed', async () => {
    const { runs, shared, turn } = setup();
    const first = shared();
    await turn();
    const second = shared();
    runs[0]?.end(new Error('away'));
    await assert.rejects(first, /away/);
    await turn();
    runs[1]?.end();
    assert.equal(await second, 2);
  });
});
