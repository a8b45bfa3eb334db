import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  hasStatus,
  KubeStatusError,
  MalformedResponseError,
  MissingObjectError,
  reasonOf,
} from '../../src/cluster/errors.ts';
import { watchStatusError } from '../../src/cluster/kube-status.ts';
import { resourceVersionOf, sightingOf } from '../../src/cluster/metadata.ts';
import { isRevision } from '../../src/cluster/moment.ts';
import { backoff } from '../../src/runtime/backoff.ts';
import { systemTime } from '../../src/runtime/time.ts';

describe('the metadata of an object', () => {
  const metadata = { uid: 'u', creationTimestamp: '2026-11-23T11:42:41Z', resourceVersion: '7' };

  it('is reduced to what decisions need', () => {
    const object = { metadata: { ...metadata, name: 'secret', labels: { secret: 'x' } }, spec: {} };
    assert.deepEqual(sightingOf('API', object, 1_795_434_170), {
      kind: 'API',
      uid: 'u',
      createdAt: 1_795_434_161,
      resourceVersion: '7',
      seenAt: 1_795_434_170,
    });
  });

  const malformed = [
    undefined,
    null,
    7,
    {},
    { metadata: null },
    { metadata: { ...metadata, uid: '' } },
    { metadata: { ...metadata, uid: 7 } },
    { metadata: { ...metadata, resourceVersion: undefined } },
    { metadata: { ...metadata, creationTimestamp: null } },
    { metadata: { ...metadata, creationTimestamp: '2026-11-23T11:42:41.5Z' } },
    { metadata: { ...metadata, creationTimestamp: 'now' } },
  ];
  for (const object of malformed) {
    it(`of ${JSON.stringify(object)} is malformed`, () => {
      assert.throws(() => sightingOf('API', object, 0), MalformedResponseError);
    });
  }

  it('of a bookmark is its resourceVersion', () => {
    assert.equal(resourceVersionOf({ metadata: { resourceVersion: '9' } }), '9');
    for (const object of [undefined, {}, { metadata: {} }, { metadata: { resourceVersion: 7 } }]) {
      assert.throws(() => resourceVersionOf(object), MalformedResponseError);
    }
  });
});

describe('a resourceVersion', () => {
  for (const [resourceVersion, is] of [
    ['1', true],
    ['100', true],
    ['opaque', true],
    ['0', false],
    ['', false],
    [undefined, false],
  ] as const) {
    it(`of ${JSON.stringify(resourceVersion)} names ${is ? 'a' : 'no'} revision`, () => {
      assert.equal(isRevision(resourceVersion), is);
    });
  }
});

describe('an ERROR inside a watch', () => {
  const cases = [
    { object: { code: 410, reason: 'Expired' }, message: 'answered 410 Expired', retry: undefined },
    {
      object: { code: 429, reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } },
      message: 'answered 429 TooManyRequests',
      retry: 3_000,
    },
    {
      object: { code: 500, details: { retryAfterSeconds: 0 } },
      message: 'answered 500',
      retry: undefined,
    },
    {
      object: { code: 500, details: { retryAfterSeconds: 1e12 } },
      message: 'answered 500',
      retry: 60_000,
    },
    { object: undefined, message: 'answered 500', retry: undefined },
    { object: { code: '410' }, message: 'answered 500', retry: undefined },
    {
      object: { code: 403, reason: 'apis "shop" is forbidden' },
      message: 'answered 403',
      retry: undefined,
    },
    { object: { code: 403, reason: 7 }, message: 'answered 403', retry: undefined },
  ];
  for (const { object, message, retry } of cases) {
    it(`${JSON.stringify(object)} is "${message}"`, () => {
      const error = watchStatusError(object);
      assert.equal(error.message, message);
      assert.equal(error.retryAfterMs, retry);
    });
  }
});

describe('the system time', () => {
  const { signal } = new AbortController();

  for (const ms of [Number.NaN, -1, 0]) {
    it(`does not wait for ${ms} ms`, () => systemTime.wait(ms, signal));
  }

  for (const ms of [2 ** 31, 1e15, Number.POSITIVE_INFINITY]) {
    it(`waits for ${ms} ms as long as a timer can: an overflow would end immediately`, async () => {
      const stop = new AbortController();
      let over = false;
      const waiting = systemTime.wait(ms, stop.signal).then(() => {
        over = true;
      });
      const deadline = systemTime.deadline(ms);
      await systemTime.wait(20, signal);
      assert.equal(over, false);
      assert.equal(deadline.aborted, false);
      stop.abort();
      await assert.rejects(waiting, { name: 'AbortError' });
    });
  }
});

describe('the reason of a failure', () => {
  const coded = (code: string) => Object.assign(new Error('of no interest'), { code });
  const cases = [
    { error: new KubeStatusError(403, { reason: 'Forbidden' }), reason: 'answered 403 Forbidden' },
    {
      error: new MalformedResponseError('sent a list that is not JSON'),
      reason: 'sent a list that is not JSON',
    },
    {
      error: new MissingObjectError('the Lease', { cause: undefined }),
      reason: 'the Lease is missing',
    },
    { error: coded('ECONNREFUSED'), reason: 'connection failed (ECONNREFUSED)' },
    {
      error: new Error('https://user:password@host', { cause: coded('ENOTFOUND') }),
      reason: 'connection failed (ENOTFOUND)',
    },
    {
      error: new DOMException('', 'TimeoutError'),
      reason: 'connection failed (no response in time)',
    },
    { error: new Error('https://user:password@host'), reason: 'connection failed' },
    { error: 'a text', reason: 'connection failed' },
  ];
  for (const { error, reason } of cases) {
    it(`is "${reason}"`, () => assert.equal(reasonOf(error), reason));
  }

  it('has a status only if the server has responded', () => {
    assert.ok(hasStatus(new KubeStatusError(410), 404, 410));
    assert.ok(!hasStatus(new KubeStatusError(500), 404, 410));
    assert.ok(!hasStatus(Object.assign(new Error(), { status: 410 }), 410));
  });
});

describe('backoff', () => {
  it('waits a random time up to a bound that doubles, up to a cap', () => {
    const random = fc.double({ min: 0, max: 0.999_999, noNaN: true });
    fc.assert(
      fc.property(fc.array(random, { minLength: 1, maxLength: 2_000 }), (rolls) => {
        let index = 0;
        const { failed } = backoff({ baseMs: 500, capMs: 30_000, random: () => rolls[index] ?? 0 });
        for (; index < rolls.length; index += 1) {
          const bound = Math.min(30_000, 500 * 2 ** Math.min(index, 20));
          assert.equal(failed(), (rolls[index] ?? 0) * bound);
        }
      }),
    );
  });

  it('is reset by a success', () => {
    const { failed, succeeded } = backoff({ baseMs: 500, capMs: 30_000, random: () => 1 });
    assert.deepEqual([failed(), failed(), failed()], [500, 1_000, 2_000]);
    succeeded();
    assert.equal(failed(), 500);
  });
});
