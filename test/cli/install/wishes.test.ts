import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../../src/cli/command-error.ts';
import { readTimeout, readWishes } from '../../../src/cli/install/wishes.ts';
import { readNamespace } from '../../../src/cli/namespace.ts';

describe('the flags of an install', () => {
  it('are absent unless they are given', () => {
    assert.deepEqual(readWishes({}), {
      analytics: undefined,
      image: undefined,
      replicas: undefined,
      endpoint: undefined,
      writeKey: undefined,
    });
  });

  it('may be empty, which is the default again', () => {
    const { image, endpoint, writeKey } = readWishes({ image: '', endpoint: '', 'write-key': '' });
    assert.deepEqual([image, endpoint, writeKey], ['', '', '']);
  });

  const wrong = [
    { flags: { image: 'a b' }, says: /--image "a b" is not the name of an image/ },
    { flags: { image: 'docker.io/kubeshop/kusk-gateway:v1.5.4' }, says: /is Kusk Gateway itself/ },
    { flags: { replicas: '-1' }, says: /--replicas "-1"/ },
    { flags: { replicas: '1e2' }, says: /--replicas "1e2"/ },
    { flags: { replicas: '101' }, says: /--replicas "101"/ },
    { flags: { endpoint: 'collector.example' }, says: /--endpoint is "collector.example"/ },
    { flags: { 'write-key': 'a\nb' }, says: /--write-key is not a valid write key/ },
  ];
  for (const { flags, says } of wrong) {
    it(`are refused with what to write instead: ${JSON.stringify(flags)}`, () => {
      assert.throws(
        () => readWishes(flags),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, says);
          return true;
        },
      );
    });
  }

  it('do not show a write key that is refused', () => {
    assert.throws(
      () => readWishes({ 'write-key': 'SECRET KEY' }),
      (error) => !/SECRET/.test(String(error)),
    );
  });
});

describe('the namespace', () => {
  it('is kusk-system by default', () => assert.equal(readNamespace({}), 'kusk-system'));

  for (const namespace of ['A', '-a', 'a/../b', 'a\nb', 'x'.repeat(64), '']) {
    it(`is refused: ${JSON.stringify(namespace)}`, () => {
      assert.throws(() => readNamespace({ namespace }), UsageError);
    });
  }
});

describe('the timeout', () => {
  const cases = [
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['0s', 0],
  ] as const;
  for (const [timeout, ms] of cases) {
    it(`${timeout} is ${ms} ms`, () => assert.equal(readTimeout({ timeout }), ms));
  }

  for (const timeout of ['5', 'm', '5m!', '1.5h', '-5m', '']) {
    it(`is refused: ${JSON.stringify(timeout)}`, () => {
      assert.throws(() => readTimeout({ timeout }), UsageError);
    });
  }
});
