import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anEvent, basic, collector, WRITE_KEY } from './setup.ts';

async function statusOf({
  authorization,
  writeKey,
}: {
  authorization?: string;
  writeKey?: unknown;
}) {
  const { app } = collector();
  const response = await app.request('/v1/batch', {
    method: 'POST',
    headers: authorization === undefined ? {} : { Authorization: authorization },
    body: JSON.stringify({ batch: [anEvent()], writeKey }),
  });
  return response.status;
}

describe('the write key', () => {
  const cases = [
    { title: 'Basic authentication', authorization: basic(WRITE_KEY), status: 200 },
    { title: 'the second key', authorization: basic('write-key-2'), status: 200 },
    {
      title: 'the scheme in lower case',
      authorization: basic(WRITE_KEY).replace('B', 'b'),
      status: 200,
    },
    { title: 'the key in the body', writeKey: WRITE_KEY, status: 200 },
    { title: 'no key', status: 401 },
    { title: 'a wrong key', authorization: basic('wrong'), status: 401 },
    { title: 'an empty key', authorization: basic(''), status: 401 },
    {
      title: 'the key as a password',
      authorization: `Basic ${btoa(`:${WRITE_KEY}`)}`,
      status: 401,
    },
    { title: 'a Bearer token', authorization: `Bearer ${WRITE_KEY}`, status: 401 },
    { title: 'a key that is not base64', authorization: 'Basic ###', status: 401 },
    { title: 'a wrong key in the body', writeKey: 'wrong', status: 401 },
    { title: 'a key in the body that is not a string', writeKey: [WRITE_KEY], status: 401 },
    {
      title: 'a wrong header with the right body',
      authorization: basic('wrong'),
      writeKey: WRITE_KEY,
      status: 401,
    },
  ];
  for (const { title, status, ...credentials } of cases) {
    it(`responds with ${status} to ${title}`, async () =>
      assert.equal(await statusOf(credentials), status));
  }

  it('responds in JSON with what is missing and how to authenticate', async () => {
    const { post } = collector();
    const { result, headers } = await post('/v1/track', {
      body: anEvent(),
      headers: { Authorization: basic('wrong') },
    });
    assert.equal(result.code, 'wrong_write_key');
    assert.match(result.message ?? '', /write key/);
    assert.doesNotMatch(JSON.stringify(result), /write-key-1/);
    assert.equal(headers.get('www-authenticate'), 'Basic');
  });
});

describe('the read key', () => {
  const cases = [
    { title: 'the key', headers: { Authorization: 'Bearer read-me' }, status: 200 },
    { title: 'no key', headers: {}, status: 401 },
    { title: 'a wrong key', headers: { Authorization: 'Bearer wrong' }, status: 401 },
    { title: 'the write key', headers: { Authorization: basic(WRITE_KEY) }, status: 401 },
  ];
  for (const path of ['/v1/numbers', '/v1/events']) {
    for (const { title, headers, status } of cases) {
      it(`responds with ${status} to ${title} at ${path}`, async () => {
        const { get } = collector({ readKey: 'read-me' });
        assert.equal((await get(path, { ...headers })).status, status);
      });
    }
  }

  it('is not required for sending or for the probes', async () => {
    const { get, post } = collector({ readKey: 'read-me' });
    assert.equal((await get('/healthz')).status, 200);
    assert.equal((await post('/v1/track', { body: anEvent() })).status, 200);
  });
});
