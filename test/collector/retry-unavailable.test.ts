import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retryUnavailable } from '../../src/collector/retry-unavailable.ts';
import { StoreUnavailable } from '../../src/collector/store/store.ts';

/** A task that fails some times with an error. Waiting moves the clock. */
function setup({ failures = 0, error = new StoreUnavailable('away') as Error } = {}) {
  const stop = new AbortController();
  const seen = { calls: 0, reports: 0, ms: 0 };
  async function task(): Promise<string> {
    seen.calls += 1;
    if (seen.calls <= failures) throw error;
    return 'done';
  }
  const run = () =>
    retryUnavailable(task, {
      signal: stop.signal,
      onRetry() {
        seen.reports += 1;
      },
      time: {
        steady: () => seen.ms,
        async wait(ms, signal) {
          signal.throwIfAborted();
          seen.ms += ms;
        },
      },
    });
  return { run, seen, stop };
}

describe('retryUnavailable', () => {
  it('repeats a task while the store is unavailable, with pauses, and reports it once', async () => {
    const { run, seen } = setup({ failures: 4 });
    assert.equal(await run(), 'done');
    assert.deepEqual(seen, { calls: 5, reports: 1, ms: 500 + 1_000 + 2_000 + 4_000 });
  });

  it('gives up after five minutes', async () => {
    const { run, seen } = setup({ failures: 1_000 });
    await assert.rejects(run(), StoreUnavailable);
    assert.ok(seen.ms >= 300_000 && seen.ms < 320_000, `${seen.ms}`);
  });

  it('does not repeat another error', async () => {
    const { run, seen } = setup({ failures: 1, error: new Error('newer version') });
    await assert.rejects(run(), /newer version/);
    assert.deepEqual([seen.calls, seen.reports], [1, 0]);
  });

  it('ends with its signal', async () => {
    const { run, seen, stop } = setup({ failures: 1 });
    stop.abort();
    await assert.rejects(run(), { name: 'AbortError' });
    assert.equal(seen.calls, 1);
  });
});
