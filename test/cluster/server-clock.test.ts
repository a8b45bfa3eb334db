import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { serverClock } from '../../src/cluster/server-clock.ts';

const START = Date.parse('2026-11-26T02:11:10Z');

describe('the API server’s clock', () => {
  it('is not behind after a response that was in transit for seconds', async () => {
    const { time, pass } = fakeTime({ start: START });
    const clockOf = serverClock(time);
    await pass(3_500);
    const now = clockOf({ headers: { date: 'Thu, 26 Nov 2026 02:11:10 GMT' } });
    assert.ok(now() >= (START + 3_000) / 1000);
    await pass(2_000);
    assert.ok(now() >= (START + 5_000) / 1000);
  });

  it('continues from the header, whatever the local clock is', async () => {
    const { time, pass } = fakeTime({ start: START });
    const now = serverClock(time)({ headers: { date: 'Tue, 26 Nov 2030 02:11:10 GMT' } });
    await pass(1_001);
    assert.equal(now(), Date.parse('2030-11-26T02:11:12Z') / 1000);
  });

  it('is the local clock without the header', async () => {
    const { time, pass } = fakeTime({ start: START });
    const now = serverClock(time)({ headers: {} });
    await pass(2_000);
    assert.equal(now(), (START + 2_000) / 1000);
  });
});
