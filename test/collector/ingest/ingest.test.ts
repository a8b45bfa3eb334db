import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { anEvent, basic, collector, eventsOf, outcomesOf, WRITE_KEY } from '../setup.ts';

const SUCCESS = { status: 200, result: { success: true } };

function setup() {
  const { post, store, logged, app } = collector();
  async function send(path: string, options: Parameters<typeof post>[1]) {
    const { status, result } = await post(path, options);
    return { status, result };
  }
  return { post, send, store, logged, app };
}

interface RefusedCase {
  readonly title: string;
  readonly path?: string;
  readonly body: unknown;
  readonly encoding?: string;
  readonly status: number;
  readonly code: string;
}

function many(count: number) {
  return Array.from({ length: count }, (_, i) => anEvent({ messageId: `m-${i}` }));
}

async function idsOf(store: ReturnType<typeof setup>['store']) {
  return (await eventsOf(store)).map(({ messageId }) => messageId);
}

describe('POST /v1/batch and /v1/track', () => {
  for (const path of ['/v1/batch', '/v1/b', '/v1/import', '/v1/import/', '/v1/batch/']) {
    it(`stores the events of ${path}`, async () => {
      const { send, store } = setup();
      const batch = many(3).map((event) => ({ type: 'track', ...event }));
      const sentAt = '2026-11-23T12:00:00.000Z';
      const body = { batch, writeKey: WRITE_KEY, sentAt, context: {}, integrations: {} };
      assert.deepEqual(await send(path, { body }), SUCCESS);
      assert.deepEqual(await idsOf(store), ['m-0', 'm-1', 'm-2']);
    });
  }

  for (const path of ['/v1/track', '/v1/t']) {
    it(`stores the event of ${path}`, async () => {
      const { send, store } = setup();
      assert.deepEqual(await send(path, { body: anEvent() }), SUCCESS);
      assert.deepEqual(await idsOf(store), ['message-1']);
    });
  }

  it('accepts gzip', async () => {
    const { send, store } = setup();
    const body = gzipSync(JSON.stringify({ batch: many(1_000) }));
    const headers = { 'Content-Encoding': 'GZIP' };
    assert.deepEqual(await send('/v1/batch', { body, headers }), SUCCESS);
    assert.equal((await idsOf(store)).length, 1_000);
  });

  it('accepts an empty batch', async () => {
    assert.deepEqual(await setup().send('/v1/batch', { body: { batch: [] } }), SUCCESS);
  });

  it('stores the allowed events of a batch and counts the others by reason', async () => {
    const { send, store } = setup();
    const batch = [
      anEvent(),
      anEvent(),
      { ...anEvent(), messageId: 'second', ip: 'x' },
      { ...anEvent(), traits: {} },
      { ...anEvent(), event: 'other' },
      null,
    ];
    assert.deepEqual(await send('/v1/batch', { body: { batch } }), SUCCESS);
    assert.deepEqual(await outcomesOf(store), {
      accepted: 1,
      duplicates: 1,
      'not-an-object': 1,
      'unknown-event': 1,
      'unknown-member': 2,
    });
  });

  const library = { name: 'analytics', version: '1' };
  const instanceId = '0f8fad5b-d9cb-469f-a165-70867728950e';
  const sentAt = '2026-11-23T12:00:00.000Z';
  const official = [
    { title: 'Go', more: { messageId: instanceId, sentAt, context: { library } } },
    { title: 'Go, without a context', more: { messageId: instanceId, sentAt, context: null } },
    { title: 'Java', more: { sentAt, sequence: 1, context: { library, instanceId } } },
    { title: 'Python', more: { sentAt: '2026-11-23T12:00:00.123456+00:00' } },
    { title: 'Node (the former client)', more: { sentAt, timestamp: sentAt } },
  ];
  for (const { title, more } of official) {
    it(`stores the events of a batch in the envelope of Segment's client for ${title}`, async () => {
      const { send, store } = setup();
      const body = { batch: many(50), writeKey: WRITE_KEY, ...more };
      assert.deepEqual(await send('/v1/batch', { body }), SUCCESS);
      assert.deepEqual(await outcomesOf(store), { accepted: 50, duplicates: 0 });
    });
  }

  const envelopes = [
    { title: 'a sequence that is not a number', more: { sequence: 'x' }, reason: 'unknown-member' },
    {
      title: 'an instanceId that is not a UUID',
      more: { context: { instanceId: 'host-1' } },
      reason: 'unknown-context',
    },
    { title: 'an unknown member', more: { traits: {} }, reason: 'unknown-member' },
    { title: 'an ip in the context', more: { context: { ip: 'x' } }, reason: 'unknown-context' },
    { title: 'a payload member', more: { userId: 'x' }, reason: 'unknown-member' },
  ];
  for (const { title, more, reason } of envelopes) {
    it(`refuses all events of a batch that has ${title} in its envelope`, async () => {
      const { send, store } = setup();
      assert.deepEqual(await send('/v1/batch', { body: { batch: many(2), ...more } }), SUCCESS);
      const outcomes = { accepted: 0, duplicates: 0, [reason]: 2 };
      assert.deepEqual(await outcomesOf(store), outcomes);
    });
  }

  const event = JSON.stringify(anEvent());
  const withMember = (member: string) => event.replace('{', `{${member},`);
  /** Events as text, because JSON.stringify would not write them so. */
  const odd = [
    {
      title: 'two messageIds: the last counts',
      text: withMember('"messageId":"x"'),
      is: 'accepted',
    },
    { title: '__proto__', text: withMember('"__proto__":{"event":"x"}'), is: 'unknown-member' },
    { title: 'a NUL', text: event.replace('message-1', '\\u0000'), is: 'bad-message-id' },
    {
      title: 'half a character',
      text: event.replace('message-1', '\\ud800'),
      is: 'bad-message-id',
    },
    { title: 'a huge number', text: event.replace(/"2026[^"]*"/, '1e400'), is: 'bad-timestamp' },
  ];
  for (const { title, text, is } of odd) {
    it(`stores or counts an event with ${title}`, async () => {
      const { send, store } = setup();
      const headers = { 'Content-Type': 'application/json; charset=utf-16' };
      assert.deepEqual(await send('/v1/batch', { body: `{"batch":[${text}]}`, headers }), SUCCESS);
      const all = await outcomesOf(store);
      assert.deepEqual({ ...all, [is]: all[is] }, { accepted: 0, duplicates: 0, [is]: 1 });
    });
  }

  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
  const deep = `{"batch":[${'['.repeat(200_000)}${']'.repeat(200_000)}]}`;
  const large = { ...anEvent(), writeKey: 'x'.repeat(32 * 1024) };
  const refused: readonly RefusedCase[] = [
    { title: 'invalid JSON', body: '{"batch": [MARKER', status: 400, code: 'invalid_json' },
    { title: 'no body', body: '', status: 400, code: 'invalid_json' },
    {
      title: 'invalid UTF-8',
      body: Buffer.from([0x22, 0xff, 0x22]),
      status: 400,
      code: 'invalid_json',
    },
    {
      title: 'UTF-16',
      body: Buffer.from('{"batch":[]}', 'utf16le'),
      status: 400,
      code: 'invalid_json',
    },
    { title: 'a list', body: [], status: 400, code: 'malformed' },
    { title: 'no batch', body: { events: [] }, status: 400, code: 'malformed' },
    {
      title: 'too many events',
      body: { batch: Array(2_501).fill(0) },
      status: 400,
      code: 'too_large',
    },
    {
      title: 'an event that is too large',
      body: { batch: [large] },
      status: 400,
      code: 'too_large',
    },
    { title: 'an event nested too deeply', body: deep, status: 400, code: 'too_deep' },
    { title: 'a body over 500 KB', body: ' '.repeat(512_001), status: 400, code: 'too_large' },
    { title: 'a zip bomb', body: bomb, encoding: 'gzip', status: 400, code: 'too_large' },
    { title: 'invalid gzip', body: '{}', encoding: 'gzip', status: 400, code: 'invalid_gzip' },
    {
      title: 'truncated gzip',
      body: gzipSync('{"batch":[]}').subarray(0, 15),
      encoding: 'gzip',
      status: 400,
      code: 'invalid_gzip',
    },
    {
      title: 'an unknown encoding',
      body: '{}',
      encoding: 'br',
      status: 415,
      code: 'unknown_encoding',
    },
    { title: 'a track over 32 KB', path: '/v1/track', body: large, status: 400, code: 'too_large' },
  ];
  for (const { title, path = '/v1/batch', body, encoding, status, code } of refused) {
    it(`responds with ${status} ${code} to ${title} and stores nothing`, async () => {
      const { post, store, logged } = setup();
      const headers: Record<string, string> = encoding ? { 'Content-Encoding': encoding } : {};
      const { result, ...response } = await post(path, { body, headers });
      assert.equal(response.status, status);
      assert.equal(result.success, false);
      assert.equal(result.code, code);
      assert.doesNotMatch(`${JSON.stringify(result)} ${logged}`, /MARKER/);
      assert.equal(Object.keys(await outcomesOf(store)).length, 0);
    });
  }

  it('stops reading a body without a length at the limit', async () => {
    const { app } = setup();
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    const headers = { Authorization: basic(WRITE_KEY) };
    const response = await app.request('/v1/batch', {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit);
    assert.equal(response.status, 400);
    assert.ok(pulled <= 11, `${pulled} chunks were read`);
  });

  it('responds with 408 to a body that was cut, and logs no error', async () => {
    const { app, logged } = setup();
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error('reset')),
    });
    const headers = { Authorization: basic(WRITE_KEY) };
    const response = await app.request('/v1/batch', {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit);
    assert.equal(response.status, 408);
    assert.deepEqual(logged, []);
  });

  it('logs counts, without content or keys', async () => {
    const { post, logged } = setup();
    const batch = [anEvent(), { ...anEvent(), MARKER: 1 }];
    await post('/v1/batch', { body: { batch, writeKey: WRITE_KEY } });
    assert.deepEqual(logged, [
      'stored {"accepted":1,"duplicates":0,"refused":{"unknown-member":1}}',
    ]);
  });

  it('responds with 500 if the store fails, logs the error, and stores nothing', async () => {
    const { post, store, logged } = setup();
    await store.close();
    const { status, result } = await post('/v1/track', { body: anEvent() });
    assert.equal(status, 500);
    assert.equal(result.code, 'internal');
    assert.equal(logged.length, 1);
    assert.match(logged.join(), /^request failed/);
  });
});
