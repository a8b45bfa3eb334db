import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HttpRefusal } from '../../src/collector/http-refusal.ts';
import { admission } from '../../src/collector/overload.ts';
import { anEvent, collector } from './setup.ts';

function setup({ maxInFlight = 10, maxPerSecond = 2 } = {}) {
  const clock = { ms: 0 };
  const admit = admission({ maxInFlight, maxPerSecond, now: () => clock.ms });
  async function outcome(): Promise<string> {
    try {
      return await admit(async () => 'done');
    } catch (error) {
      assert.ok(error instanceof HttpRefusal);
      return `${error.status} after ${error.headers['Retry-After']}`;
    }
  }
  return { admit, clock, outcome };
}

describe('admission', () => {
  it('takes so many a second and tells when to come back', async () => {
    const { outcome, clock } = setup();
    const first = [await outcome(), await outcome(), await outcome()];
    assert.deepEqual(first, ['done', 'done', '429 after 1']);
    clock.ms += 500;
    assert.deepEqual([await outcome(), await outcome()], ['done', '429 after 1']);
  });

  it('saves up no more than one second', async () => {
    const { outcome, clock } = setup();
    clock.ms += 3_600_000;
    assert.deepEqual(
      [await outcome(), await outcome(), await outcome()],
      ['done', 'done', '429 after 1'],
    );
  });

  it('goes on after the clock was set back', async () => {
    const { outcome, clock } = setup({ maxPerSecond: 1 });
    await outcome();
    clock.ms -= 3_600_000;
    assert.equal(await outcome(), '429 after 1');
    clock.ms += 1_000;
    assert.equal(await outcome(), 'done');
  });

  it('takes so many at once, and has their places again when they have ended', async () => {
    const { admit, outcome } = setup({ maxInFlight: 1, maxPerSecond: 100 });
    const work = Promise.withResolvers<string>();
    const first = admit(() => work.promise);
    assert.equal(await outcome(), '429 after 1');
    work.reject(new Error('broken'));
    await assert.rejects(first, /broken/);
    assert.equal(await outcome(), 'done');
  });

  it('is answered as 429 with Retry-After, and nothing is stored', async () => {
    const { admit } = setup({ maxPerSecond: 1 });
    const { post, store } = collector({ admit });
    await post('/v1/track', { body: anEvent({ messageId: 'a' }) });
    const { status, headers, answer } = await post('/v1/track', {
      body: anEvent({ messageId: 'b' }),
    });
    assert.equal(status, 429);
    assert.equal(headers.get('retry-after'), '1');
    assert.equal(answer.code, 'overloaded');
    assert.equal(store.events({ after: 0, limit: 10 }).length, 1);
  });
});
