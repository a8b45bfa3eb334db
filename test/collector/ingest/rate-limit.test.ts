import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HttpRefusal } from '../../../src/collector/http-refusal.ts';
import { rateLimit } from '../../../src/collector/ingest/rate-limit.ts';
import { anEvent, collector, eventsOf, WRITE_KEY } from '../setup.ts';

function setup({ maxPerSecond = 2 } = {}) {
  const clock = { ms: 0 };
  const take = rateLimit({ maxPerSecond, steady: () => clock.ms });
  function outcome(): string {
    try {
      take();
      return 'taken';
    } catch (error) {
      assert.ok(error instanceof HttpRefusal);
      return `${error.status} after ${error.headers['Retry-After']}`;
    }
  }
  return { clock, outcome };
}

describe('rateLimit', () => {
  it('accepts the configured number per second and returns when to retry', () => {
    const { outcome, clock } = setup();
    assert.deepEqual([outcome(), outcome(), outcome()], ['taken', 'taken', '429 after 1']);
    clock.ms += 500;
    assert.deepEqual([outcome(), outcome()], ['taken', '429 after 1']);
  });

  it('accumulates the requests of one second at most', () => {
    const { outcome, clock } = setup();
    clock.ms += 3_600_000;
    assert.deepEqual([outcome(), outcome(), outcome()], ['taken', 'taken', '429 after 1']);
  });
});

describe('the intake', () => {
  it('responds with 429 and Retry-After to one request too many, and stores nothing of it', async () => {
    const { post, store } = collector({ maxPerSecond: 1 });
    await post('/v1/track', { body: anEvent({ messageId: 'a' }) });
    const { status, headers, result } = await post('/v1/track', {
      body: anEvent({ messageId: 'b' }),
    });
    assert.equal(status, 429);
    assert.equal(headers.get('retry-after'), '1');
    assert.equal(result.code, 'too_many_requests');
    assert.equal((await eventsOf(store)).length, 1);
  });

  it('limits requests with a key in the header apart from those without', async () => {
    const { app, post } = collector({ maxPerSecond: 1 });
    const body = JSON.stringify({ batch: [], writeKey: WRITE_KEY });
    const send = async () => (await app.request('/v1/batch', { method: 'POST', body })).status;
    assert.deepEqual([await send(), await send(), await send()], [200, 429, 429]);
    assert.equal((await post('/v1/track', { body: anEvent() })).status, 200);
  });
});
