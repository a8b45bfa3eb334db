import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import { polling } from '../../../src/dashboard/model/polling.ts';
import type { ConnectionView } from '../../../src/dashboard/model/view.ts';

/** Polls reads that fail, and notes when each begins, in milliseconds. */
function setup(t: TestContext, { state }: { readonly state: ConnectionView['state'] }) {
  const { time, pass } = fakeTime();
  const at: number[] = [];
  const link = { state, since: '' };
  const polls = polling({
    read: async () => {
      at.push(time.steady());
      return false;
    },
    connection: { view: () => link },
    time,
  });
  const end = new AbortController();
  const running = polls.run(end.signal);
  t.after(async () => {
    end.abort();
    await running;
  });
  return { at, link, pass, wake: polls.wake };
}

describe('reads that fail', () => {
  it('are repeated after pauses that grow', async (t) => {
    const { at, pass } = setup(t, { state: 'connected' });
    await pass(20_000);
    assert.deepEqual(at, [0, 500, 1_500, 3_500, 7_500, 15_500]);
  });

  it('are repeated each second while the API server is away', async (t) => {
    const { at, pass } = setup(t, { state: 'away' });
    await pass(3_000);
    assert.deepEqual(at, [0, 500, 1_500, 2_500]);
  });

  it('are repeated each half minute while the credentials are refused', async (t) => {
    const { at, pass } = setup(t, { state: 'denied' });
    await pass(70_000);
    assert.deepEqual(at, [0, 30_000, 60_000]);
  });

  it('are repeated when the API server is back', async (t) => {
    const { at, pass, wake } = setup(t, { state: 'connected' });
    await pass(8_000);
    wake();
    await pass(0);
    assert.deepEqual(at.slice(4), [7_500, 8_000]);
  });

  it('pause half a second however often it is back', async (t) => {
    const { at, pass, wake } = setup(t, { state: 'connected' });
    for (let ms = 0; ms < 1_200; ms += 100) {
      wake();
      await pass(100);
    }
    assert.deepEqual(at, [0, 500, 1_000]);
  });
});
