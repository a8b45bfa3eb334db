import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Response } from 'undici';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import { NotAllowedError } from '../../src/operator/outbox/delivery.ts';
import { ledgerCheck, ownership, WithdrawnElsewhere } from '../../src/operator/ownership.ts';
import { firstLedger, restartConsent, withdrawConsent } from '../../src/record/ledger.ts';
import { serializeLedger } from '../../src/record/ledger-json.ts';
import { configMap } from './config-map.ts';

const FIRST = firstLedger({ createdAt: 1_795_434_161, resourceVersion: '1' });
const ON = serializeLedger(FIRST);
const OFF = serializeLedger(withdrawConsent(FIRST, '2026-11-24T00:00:00.000Z'));
const ON_AGAIN = serializeLedger(restartConsent(FIRST, '2026-11-24T00:00:01.000Z'));
const URL_ = new URL('http://127.0.0.1:9/v1/batch');

/** A guarded `fetch`, and the ledger that is read before each request. */
function setup() {
  const clock = fakeTime();
  const map = configMap();
  map.edit(ON);
  const stop = new AbortController();
  const owned = ownership({ since: FIRST.since, cluster: 'ab'.repeat(32) });
  const leader: { allowed: boolean } = { allowed: true };
  const hooks: { onRead?: () => void | Promise<void>; response?: Promise<unknown> } = {};
  const troubles: unknown[] = [];
  let reads = 0;
  let unusable = 0;
  const check = ledgerCheck({
    store: {
      async read(signal) {
        reads += 1;
        const found = await map.store.read(signal);
        await hooks.onRead?.();
        signal.throwIfAborted();
        return found;
      },
    },
    ownership: owned,
    allowed: () => leader.allowed && owned.holds(),
    time: clock.time,
    onUnusable: () => {
      unusable += 1;
    },
    onTrouble: (error) => troubles.push(error),
    onSuccess: () => troubles.push('read'),
  });
  const left: number[] = [];
  const fetch = check.guard(async () => {
    left.push(clock.time.steady());
    await hooks.response;
    return new Response();
  });
  const post = () => fetch(URL_, { signal: stop.signal });
  const ended = check.run(stop.signal);
  ended.catch(() => undefined);
  const all = { clock, map, leader, owned, hooks, troubles, left, post, ended };
  return { ...all, stop: () => stop.abort(), reads: () => reads, unusable: () => unusable };
}

describe('a request to the endpoint', () => {
  it('is sent after a read of the ledger, each time', async () => {
    const { post, left, reads } = setup();
    for (let count = 1; count <= 3; count += 1) {
      await post();
      assert.deepEqual([left.length, reads()], [count, count]);
    }
  });

  for (const [title, text, onAgain] of [
    ['off', OFF, false],
    ['on again under another consent', ON_AGAIN, true],
  ] as const) {
    it(`is not sent if the ledger says ${title}, and the run rejects`, async () => {
      const { map, post, left, owned, ended } = setup();
      map.edit(text);
      await assert.rejects(post(), NotAllowedError);
      assert.equal(owned.holds(), false);
      await assert.rejects(ended, (error) => {
        return error instanceof WithdrawnElsewhere && error.onAgain === onAgain;
      });
      map.edit(ON);
      await assert.rejects(post(), NotAllowedError);
      assert.deepEqual(left, []);
    });
  }

  for (const text of [undefined, '{', '']) {
    it(`is sent, and the ledger is rewritten, if it was changed to ${JSON.stringify(text)}`, async () => {
      const { map, post, left, unusable } = setup();
      await post();
      assert.equal(unusable(), 0);
      map.edit(text);
      await post();
      map.remove();
      await post();
      assert.equal(left.length, 3);
      assert.equal(unusable(), 2, 'it is rewritten');
    });
  }

  it('is not sent while the ledger can not be read, and is sent as soon as it can', async () => {
    const { map, post, left, troubles } = setup();
    map.network.fails = new KubeStatusError(503);
    await assert.rejects(post(), NotAllowedError);
    assert.deepEqual(troubles, [map.network.fails]);
    map.network.fails = undefined;
    await post();
    assert.equal(left.length, 1);
    assert.equal(troubles.at(-1), 'read');
  });

  it('is not sent if the ledger is not read in time', async () => {
    const { clock, hooks, post, left, troubles } = setup();
    const { promise, resolve } = Promise.withResolvers<void>();
    hooks.onRead = () => promise;
    const posted = assert.rejects(post(), NotAllowedError);
    await clock.pass(5_000);
    resolve();
    await posted;
    assert.deepEqual(left, []);
    assert.equal(troubles.length, 1);
  });

  it('is not sent if the process was stopped after the read', async () => {
    const { clock, hooks, post, left } = setup();
    hooks.onRead = () => clock.jump(60_000);
    await assert.rejects(post(), NotAllowedError);
    delete hooks.onRead;
    await post();
    assert.equal(left.length, 1);
  });

  it('is not sent if sending is no longer allowed after the read', async () => {
    const { hooks, leader, post, left, reads } = setup();
    hooks.onRead = () => {
      leader.allowed = false;
    };
    await assert.rejects(post(), NotAllowedError);
    await assert.rejects(post(), NotAllowedError);
    assert.deepEqual([left.length, reads()], [0, 1]);
  });
});

describe('while a request is in flight', () => {
  it('the ledger is read every five seconds, and not after the request', async () => {
    const { clock, hooks, post, reads } = setup();
    const { promise, resolve } = Promise.withResolvers<void>();
    hooks.response = promise;
    const posted = post();
    await clock.pass(16_000);
    assert.equal(reads(), 4);
    resolve();
    await posted;
    await clock.pass(60_000);
    assert.equal(reads(), 4);
  });

  it('the end of consent elsewhere is found within five seconds', async () => {
    const { clock, map, hooks, post, ended } = setup();
    hooks.response = new Promise(() => {});
    void post();
    await clock.pass(1);
    map.edit(OFF);
    await clock.pass(5_000);
    await assert.rejects(ended, WithdrawnElsewhere);
  });
});

describe('the end', () => {
  it('ends the check, and leaves only the timers of read deadlines', async () => {
    const { clock, stop, ended, post } = setup();
    await post();
    stop();
    await ended;
    await clock.pass(5_000);
    assert.equal(clock.waiting(), 0);
  });
});
