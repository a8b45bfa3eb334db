import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  clusterId,
  messageId,
  optOutEvent,
  sessionEvent,
  trackEvent,
} from '../../src/record/events.ts';

/** Computed with `openssl dgst -sha256 -hmac KEY`. */
const GOLDEN = {
  uid: '7c9f2f4e-3b1a-4d57-9a0e-0c6a5f8e1d23',
  cluster: '41940160206b685506e0b822539a3e143ea33a7b30ed6847ea7c7880ea585497',
  messages: [
    ['install', '', 'd53341168cf1fedb6837a75712c049fab1963455598a52117f20c3165654a590'],
    ['heartbeat', '2026-11-23', '25cec379d10994ee1ff46cbfd6dc5db9913086a6c34455ecf25bdc0bf0d7259d'],
    [
      'api-created',
      '0f8fad5b-d9cb-469f-a165-70867728950e',
      '12b1f346d706251fea0ab82d89443dae2a59b0daa0a0529a327e6ff263f0421c',
    ],
    [
      'static-route-created',
      '0f8fad5b-d9cb-469f-a165-70867728950e',
      'bb080c3db29657d4b0dfdc27b37ea42ca7e6dad7162c8b71ee92935665d94e5b',
    ],
    [
      'envoy-fleet-created',
      '0f8fad5b-d9cb-469f-a165-70867728950e',
      '60b279a853d769ec504b5342fb27d4716b5716289aa4f7ca31c44bcff684190c',
    ],
  ],
} as const;

/** The event names that a `messageId` is computed from. */
const NAMES = GOLDEN.messages.map(([name]) => name);

describe('clusterId', () => {
  it('is the documented hash of the UID', () => {
    assert.equal(clusterId(GOLDEN.uid), GOLDEN.cluster);
  });

  it('has 64 hex digits and does not contain the UID', () => {
    fc.assert(
      fc.property(fc.uuid(), (uid) => {
        const id = clusterId(uid);
        assert.match(id, /^[0-9a-f]{64}$/);
        assert.ok(!id.includes(uid.slice(0, 8)));
      }),
    );
  });
});

describe('messageId', () => {
  for (const [name, subject, expected] of GOLDEN.messages) {
    it(`of ${name}/${subject} is the documented hash`, () => {
      assert.equal(messageId(GOLDEN.cluster, { name, subject }), expected);
    });
  }

  it('can be computed by anyone, and is within the length that Segment accepts', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.constantFrom(...NAMES), fc.string(), (uid, name, subject) => {
        const cluster = clusterId(uid);
        const expected = createHmac('sha256', cluster).update(`${name}/${subject}`).digest('hex');
        assert.equal(messageId(cluster, { name, subject }), expected);
        assert.ok(expected.length <= 100);
      }),
    );
  });

  it('differs between clusters', () => {
    const occurrence = { name: 'install', subject: '' } as const;
    assert.notEqual(messageId('a', occurrence), messageId('b', occurrence));
  });
});

describe('trackEvent', () => {
  it('holds the ids, the source, the name and the time, and nothing else', () => {
    const occurrence = {
      name: 'api-created',
      subject: GOLDEN.messages[2][1],
      at: 1_795_434_161,
    } as const;
    const source = 'kusk-gateway';
    assert.deepEqual(trackEvent({ source, anonymousId: GOLDEN.cluster, ...occurrence }), {
      messageId: GOLDEN.messages[2][2],
      anonymousId: GOLDEN.cluster,
      userId: GOLDEN.cluster,
      event: 'kusk-gateway',
      properties: { event: 'api-created' },
      timestamp: '2026-11-23T11:42:41.000Z',
    });
  });

  it('creates the events of other sources in the same way', () => {
    const subject = 'cluster install/2026-11-23';
    const options = { anonymousId: GOLDEN.cluster, name: 'cluster install', subject } as const;
    const { messageId: id, ...event } = trackEvent({ source: 'kusk-cli', ...options, at: 0 });
    assert.equal(id, messageId(GOLDEN.cluster, options));
    assert.deepEqual(event, {
      anonymousId: GOLDEN.cluster,
      userId: GOLDEN.cluster,
      event: 'kusk-cli',
      properties: { event: 'cluster install' },
      timestamp: '1970-01-01T00:00:00.000Z',
    });
  });
});

describe('optOutEvent', () => {
  const setup = () => {
    const ids: string[] = [];
    const randomId = () => {
      const id = randomBytes(32).toString('hex');
      ids.push(id);
      return id;
    };
    const event = optOutEvent({
      source: 'kusk-gateway',
      randomId,
      now: () => 1_795_434_161_213,
    });
    return { event, ids };
  };

  it('has two random ids: one for the sender, one for the message', () => {
    const { event, ids } = setup();
    assert.equal(ids.length, 2);
    const { messageId: id, anonymousId, userId, ...rest } = event;
    assert.deepEqual(new Set([id, anonymousId]), new Set(ids));
    assert.equal(userId, anonymousId);
    assert.deepEqual(rest, {
      event: 'kusk-gateway',
      properties: { event: 'analytics-disabled' },
      timestamp: '2026-11-23T11:42:41.213Z',
    });
  });

  it('has different ids in each call', () => {
    assert.notEqual(setup().event.messageId, setup().event.messageId);
    assert.notEqual(setup().event.userId, setup().event.userId);
  });
});

describe('sessionEvent', () => {
  it('has the time of its UTC day only', () => {
    const session = sessionEvent({ randomId: () => 'ab'.repeat(32), now: () => 1_795_434_161_213 });
    assert.equal(session.timestamp, '2026-11-23T00:00:00.000Z');
  });
});
