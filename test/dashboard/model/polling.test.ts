import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import { polling } from '../../../src/dashboard/model/polling.ts';
import type { ConnectionView } from '../../../src/dashboard/model/view.ts';

interface SetupOptions {
  readonly state: ConnectionView['state'];
  /** Called with the time of each read, in milliseconds. Returns whether it succeeds. By default all fail. */
  readonly succeeds?: (ms: number) => boolean;
  /** Whether the API server seems to be back with each read. */
  readonly flaps?: boolean;
}

/** Polls, and notes when each read begins, in milliseconds. */
function setup(t: TestContext, options: SetupOptions) {
  const { state, succeeds = () => false, flaps = false } = options;
  const { time, pass } = fakeTime();
  const at: number[] = [];
  let responses = 0;
  const link = { state, since: '' };
  const polls = polling({
    read: async () => {
      const now = time.steady();
      at.push(now);
      if (flaps) respond();
      return succeeds(now);
    },
    connection: { view: () => link, asOf: () => String(responses) },
    time,
  });
  const respond = () => {
    responses += 1;
    polls.wake();
  };
  const end = new AbortController();
  const running = polls.run(end.signal);
  t.after(async () => {
    end.abort();
    await running;
  });
  return { at, link, pass, respond };
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
    const { at, pass, respond } = setup(t, { state: 'connected' });
    await pass(8_000);
    respond();
    await pass(0);
    assert.deepEqual(at.slice(4), [7_500, 8_000]);
  });

  for (const state of ['connected', 'away'] as const) {
    it(`do not pause briefly for long while some requests pass and others are cut: ${state}`, async (t) => {
      const { at, pass, respond } = setup(t, { state, flaps: true });
      await pass(12_000);
      // So does a watch that goes on.
      respond();
      await pass(58_000);
      assert.equal(at.filter((ms) => ms < 10_000).length, 20);
      assert.deepEqual(
        at.filter((ms) => ms >= 10_000),
        [10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000],
      );
    });
  }

  it('pause briefly again after one that succeeded', async (t) => {
    const { at, pass, respond } = setup(t, { state: 'connected', succeeds: (ms) => ms === 20_000 });
    respond();
    await pass(20_000);
    respond();
    await pass(4_000);
    assert.deepEqual(
      at.filter((ms) => ms >= 20_000),
      [20_000, 22_000, 22_500, 23_000, 23_500, 24_000],
    );
  });

  it('pause half a second however often it is back', async (t) => {
    const { at, pass, respond } = setup(t, { state: 'connected' });
    for (let ms = 0; ms < 1_200; ms += 100) {
      respond();
      await pass(100);
    }
    assert.deepEqual(at, [0, 500, 1_000]);
  });
});
