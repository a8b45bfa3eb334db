import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validate } from '../../../src/collector/ingest/validate.ts';
import { CATALOGUE } from '../../../src/event.ts';
import { anEvent, hash } from '../setup.ts';

/** The sample of the privacy policy, verbatim. */
const SAMPLE = {
  anonymousId: '37c7dd3d2f0cd7eca8fdc5b606577278bf2a65e5da42fd4b809cfdf103583a98',
  context: { library: { name: 'analytics-go', version: '3.0.0' } },
  event: 'kusk-cli',
  integrations: {},
  messageId: 'c785d086-2d85-4d7a-9468-1da350822c95',
  originalTimestamp: '2022-07-15T11:42:41.213006+08:00',
  properties: { event: 'dashboard' },
  receivedAt: '2022-07-15T03:42:42.691Z',
  sentAt: '2022-07-15T03:42:41.215Z',
  timestamp: '2022-07-15T03:42:42.689Z',
  type: 'track',
  userId: '37c7dd3d2f0cd7eca8fdc5b606577278bf2a65e5da42fd4b809cfdf103583a98',
  writeKey: '1t8VoI1wfqa43n0pYU01VZU2ZVDJKcQh',
};

describe('validate', () => {
  it("accepts the privacy policy's sample unchanged, and keeps only the payload", () => {
    assert.deepEqual(validate(SAMPLE), {
      event: {
        messageId: SAMPLE.messageId,
        anonymousId: SAMPLE.userId,
        userId: SAMPLE.userId,
        event: 'kusk-cli',
        properties: { event: 'dashboard' },
        timestamp: '2022-07-15T03:42:42.689Z',
      },
    });
  });

  for (const { source, name } of CATALOGUE) {
    it(`accepts ${source} / ${name}`, () => {
      const event = anEvent({ source, name });
      assert.deepEqual(validate({ type: 'track', ...event }), { event });
    });
  }

  const accepted = [
    {
      title: 'the members that the Node SDK adds',
      more: { _metadata: { nodeVersion: 'v24', jsRuntime: 'node' } },
    },
    {
      title: 'the members that the Ruby client adds',
      more: {
        type: 'track',
        context: { library: { name: 'analytics-ruby', version: '2.5.0' } },
        integrations: null,
        options: null,
      },
    },
    {
      title: 'the members that the PHP client adds',
      more: {
        type: 'track',
        context: { library: { name: 'analytics-php', version: '3.8.0', consumer: 'LibCurl' } },
      },
    },
    { title: 'an empty context', more: { context: {} } },
    { title: 'a messageId of one character', more: { messageId: '-' } },
    { title: 'a messageId of 100 characters', more: { messageId: 'a'.repeat(100) } },
  ];
  for (const { title, more } of accepted) {
    it(`accepts ${title}`, () => assert.ok('event' in validate({ ...anEvent(), ...more })));
  }

  it('keeps no time zone', () => {
    const verdict = validate({ ...anEvent(), timestamp: '2026-11-23T01:30:00.123456789+08:00' });
    assert.equal('event' in verdict && verdict.event.timestamp, '2026-11-22T17:30:00.123Z');
  });

  for (const wire of [null, 'event', 7, [], undefined, true]) {
    it(`refuses ${JSON.stringify(wire)} because it is not an object`, () => {
      assert.deepEqual(validate(wire), { refused: 'not-an-object' });
    });
  }

  const refused = [
    { title: 'traits', more: { traits: { email: 'x' } }, reason: 'unknown-member' },
    { title: 'an ip', more: { ip: '192.0.2.1' }, reason: 'unknown-member' },
    { title: 'a member of the prototype', more: { constructor: 1 }, reason: 'unknown-member' },
    { title: '__proto__', more: JSON.parse('{"__proto__": {"a": 1}}'), reason: 'unknown-member' },
    { title: 'a writeKey that is not a string', more: { writeKey: {} }, reason: 'unknown-member' },
    { title: 'an identify', more: { type: 'identify' }, reason: 'not-a-track' },
    { title: 'a null type', more: { type: null }, reason: 'not-a-track' },
    { title: 'no source', more: { event: undefined }, reason: 'unknown-event' },
    { title: 'a foreign source', more: { event: 'other' }, reason: 'unknown-event' },
    { title: 'a foreign name', more: { properties: { event: 'other' } }, reason: 'unknown-event' },
    { title: "another source's name", more: { event: 'kusk-cli' }, reason: 'unknown-event' },
    { title: 'no properties', more: { properties: undefined }, reason: 'unknown-property' },
    {
      title: 'properties as a list',
      more: { properties: ['heartbeat'] },
      reason: 'unknown-property',
    },
    {
      title: 'an additional property',
      more: { properties: { event: 'heartbeat', name: 'x' } },
      reason: 'unknown-property',
    },
    {
      title: 'a property that is not a string',
      more: { properties: { event: ['heartbeat'] } },
      reason: 'unknown-property',
    },
    { title: 'an ip in the context', more: { context: { ip: 'x' } }, reason: 'unknown-context' },
    { title: 'a null context', more: { context: null }, reason: 'unknown-context' },
    {
      title: 'a library with an additional member',
      more: { context: { library: { name: 'a', version: '1', host: 'h' } } },
      reason: 'unknown-context',
    },
    {
      title: 'a library without a version',
      more: { context: { library: { name: 'a' } } },
      reason: 'unknown-context',
    },
    {
      title: 'a library with a name of 101 characters',
      more: { context: { library: { name: 'a'.repeat(101), version: '1' } } },
      reason: 'unknown-context',
    },
    {
      title: 'a library with a consumer of 101 characters',
      more: { context: { library: { name: 'a', version: '1', consumer: 'c'.repeat(101) } } },
      reason: 'unknown-context',
    },
    { title: 'options', more: { options: {} }, reason: 'unknown-member' },
    { title: 'an integration', more: { integrations: { All: true } }, reason: 'unknown-context' },
    {
      title: 'metadata with an unknown member',
      more: { _metadata: { host: 'h' } },
      reason: 'unknown-context',
    },
    { title: 'no messageId', more: { messageId: undefined }, reason: 'bad-message-id' },
    { title: 'an empty messageId', more: { messageId: '' }, reason: 'bad-message-id' },
    {
      title: 'a messageId of 101 characters',
      more: { messageId: 'a'.repeat(101) },
      reason: 'bad-message-id',
    },
    { title: 'a messageId with a blank', more: { messageId: 'a b' }, reason: 'bad-message-id' },
    { title: 'a messageId with a line feed', more: { messageId: 'a\n' }, reason: 'bad-message-id' },
    { title: 'a userId in upper case', more: { userId: 'A'.repeat(64) }, reason: 'bad-user-id' },
    { title: 'a userId of 63 digits', more: { userId: 'a'.repeat(63) }, reason: 'bad-user-id' },
    { title: 'no anonymousId', more: { anonymousId: undefined }, reason: 'bad-user-id' },
    { title: 'two ids that differ', more: { anonymousId: hash('b') }, reason: 'bad-user-id' },
    { title: 'no timestamp', more: { timestamp: undefined }, reason: 'bad-timestamp' },
    {
      title: 'a timestamp in milliseconds',
      more: { timestamp: 1_795_434_161_213 },
      reason: 'bad-timestamp',
    },
    {
      title: 'a timestamp without a zone',
      more: { timestamp: '2026-11-23T11:42:41' },
      reason: 'bad-timestamp',
    },
    {
      title: 'a month that does not exist',
      more: { timestamp: '2026-13-01T00:00:00Z' },
      reason: 'bad-timestamp',
    },
    { title: 'a sentAt with content', more: { sentAt: 'secret' }, reason: 'bad-timestamp' },
    { title: 'a receivedAt with content', more: { receivedAt: 'secret' }, reason: 'bad-timestamp' },
    {
      title: 'an originalTimestamp with content',
      more: { originalTimestamp: {} },
      reason: 'bad-timestamp',
    },
  ];
  for (const { title, more, reason } of refused) {
    it(`refuses ${title} as ${reason}`, () => {
      const own = Object.fromEntries(Object.entries(more));
      const wire = { ...anEvent() };
      for (const [name, value] of Object.entries(own)) {
        Object.defineProperty(wire, name, { value, enumerable: true, configurable: true });
      }
      assert.deepEqual(validate(wire), { refused: reason });
    });
  }
});
