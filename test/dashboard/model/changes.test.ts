import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import { changes } from '../../../src/dashboard/model/changes.ts';

function setup() {
  const clock = fakeTime();
  const change = changes({ time: clock.time });
  const stop = new AbortController();
  const woken: number[] = [];
  async function follow(): Promise<void> {
    for (let seen = change.revision(); !stop.signal.aborted; ) {
      await change.after(seen, stop.signal);
      if (stop.signal.aborted) return;
      seen = change.revision();
      woken.push(clock.time.steady());
    }
  }
  return { clock, change, stop, woken, follow };
}

describe('those who wait for a change', () => {
  it('are woken immediately by the first, and then four times a second', async () => {
    const { clock, change, stop, woken, follow } = setup();
    const following = follow();
    await clock.pass(1_000);
    for (let index = 0; index < 100; index += 1) {
      change.happened();
      await clock.pass(10);
    }
    await clock.pass(2_000);
    stop.abort();
    await following;
    assert.deepEqual(woken, [1_000, 1_250, 1_500, 1_750, 2_000]);
  });

  it('are woken for a change of before', async () => {
    const { clock, change, stop } = setup();
    change.happened();
    const woken = change.after(1, stop.signal);
    await clock.pass(0);
    await woken;
  });

  it('are not woken without a change', async () => {
    const { clock, change, woken, follow, stop } = setup();
    const following = follow();
    await clock.pass(60_000);
    assert.deepEqual(woken, []);
    assert.equal(change.revision(), 1);
    stop.abort();
    await following;
    await change.after(99, stop.signal);
  });
});
