import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anEvent, collector, NOW, type PostResult } from '../setup.ts';

const NOTHING = {
  cliInstallations: 0,
  cliUsages: 0,
  clusterInstallations: 0,
  activeClusters: 0,
  disabled: 0,
  uiSessions: 0,
  creations: { API: 0, StaticRoute: 0, EnvoyFleet: 0 },
};

describe('GET /v1/numbers', () => {
  it('is all zero for an empty store', async () => {
    const { get } = collector();
    assert.deepEqual(JSON.parse((await get('/v1/numbers')).text), {
      total: NOTHING,
      days: [],
      received: { accepted: 0, duplicates: 0, refused: {} },
    });
  });

  it('returns the numbers and the outcomes of all received events', async () => {
    const { get, post } = collector();
    const batch = [anEvent(), anEvent(), { ...anEvent(), type: 'page' }];
    await post('/v1/batch', { body: { batch } });
    assert.deepEqual(JSON.parse((await get('/v1/numbers')).text), {
      total: { ...NOTHING, activeClusters: 1 },
      days: [{ day: '2026-11-23', ...NOTHING, activeClusters: 1 }],
      received: { accepted: 1, duplicates: 1, refused: { 'not-a-track': 1 } },
    });
  });

  it('returns only the requested days', async () => {
    const { get, post } = collector();
    const days = ['2026-11-20', '2026-11-21', '2026-11-22'];
    const batch = days.map((day) => anEvent({ messageId: day, timestamp: `${day}T01:00:00Z` }));
    await post('/v1/batch', { body: { batch } });
    const response = await get('/v1/numbers?from=2026-11-21&to=2026-11-21');
    const { total, days: returned } = JSON.parse(response.text);
    assert.deepEqual(total, { ...NOTHING, activeClusters: 1 });
    assert.deepEqual(
      returned.map(({ day }: { day: string }) => day),
      ['2026-11-21'],
    );
    assert.equal(JSON.parse((await get('/v1/numbers?from=2026-11-21')).text).days.length, 2);
    assert.equal(JSON.parse((await get('/v1/numbers?to=2026-11-20')).text).days.length, 1);
  });

  for (const query of [
    'from=yesterday',
    'to=2026-02-30',
    'from=',
    'to=2026-11-23T00:00:00Z',
    'from=2026-13-01',
  ]) {
    it(`responds with 400 to ${query}`, async () => {
      const { status, text } = await collector().get(`/v1/numbers?${query}`);
      assert.equal(status, 400);
      assert.match(JSON.parse(text).message, /must be a day/);
    });
  }

  it('responds with 400 to a range that ends before it begins', async () => {
    const { get } = collector();
    const { status, text } = await get('/v1/numbers?from=2026-12-31&to=2026-01-01');
    assert.equal(status, 400);
    assert.match(JSON.parse(text).message, /"from" must not be after "to"/);
  });
});

describe('GET /v1/events', () => {
  it('returns the stored events, one per line, in pages', async () => {
    const { get, post } = collector();
    const batch = ['a', 'b', 'c'].map((messageId) => anEvent({ messageId }));
    await post('/v1/batch', { body: { batch } });
    const { headers, text } = await get('/v1/events?after=1&limit=1');
    assert.equal(headers.get('content-type'), 'application/x-ndjson');
    const receivedAt = new Date(NOW).toISOString();
    const expected = { seq: 2, day: '2026-11-23', receivedAt, ...anEvent({ messageId: 'b' }) };
    assert.equal(text, `${JSON.stringify(expected)}\n`);
    assert.equal((await get('/v1/events')).text.split('\n').length, 4);
    assert.equal((await get('/v1/events?after=3')).text, '');
  });

  it('begins with the first event after 0', async () => {
    const { get, post } = collector();
    await post('/v1/batch', { body: { batch: [anEvent()] } });
    assert.equal((await get('/v1/events?after=0')).text, (await get('/v1/events')).text);
  });

  it('refuses an event of another store as the place of a page', async () => {
    const { get, post } = collector();
    await post('/v1/batch', { body: { batch: [anEvent()] } });
    for (const after of ['message-1', '2']) {
      const { status, text } = await get(`/v1/events?after=${after}`);
      assert.equal(status, 400);
      assert.match(JSON.parse(text).message, /no "seq" of this store: write .* or 0/);
    }
    assert.match((await get('/metrics')).text, /store_failures_total\{reason="failed"\} 0/);
  });

  for (const query of ['after=%20', 'after=a.b', 'limit=10001', 'limit=1.5', 'limit=x']) {
    it(`responds with 400 to ${query}`, async () => {
      const { status, text } = await collector().get(`/v1/events?${query}`);
      assert.equal(status, 400);
      assert.match(
        JSON.parse(text).message,
        /must be (a whole number from 0 to|the "seq" of an event)/,
      );
    });
  }
});

describe('other requests', () => {
  it('responds with 200 if the collector is healthy', async () => {
    const { status, text } = await collector().get('/healthz');
    assert.deepEqual({ status, ...JSON.parse(text) }, { status: 'ok' });
    assert.equal(status, 200);
  });

  it('responds with 500 if the database cannot be read', async () => {
    const { get, store } = collector();
    await store.close();
    assert.equal((await get('/healthz')).status, 500);
  });

  const cases = [
    { method: 'GET', path: '/v1/batch', status: 405, allow: 'POST' },
    { method: 'PUT', path: '/v1/t', status: 405, allow: 'POST' },
    { method: 'POST', path: '/v1/numbers', status: 405, allow: 'GET' },
    { method: 'DELETE', path: '/v1/events', status: 405, allow: 'GET' },
    { method: 'POST', path: '/healthz', status: 405, allow: 'GET' },
    { method: 'POST', path: '/', status: 405, allow: 'GET' },
    { method: 'GET', path: '/numbers/nothing', status: 404, allow: null },
    { method: 'POST', path: '/v1/identify', status: 404, allow: null },
  ];
  for (const { method, path, status, allow } of cases) {
    it(`responds to ${method} ${path} with ${status} in JSON`, async () => {
      const response = await collector().app.request(path, { method });
      assert.equal(response.status, status);
      assert.equal(response.headers.get('allow'), allow);
      assert.equal(((await response.json()) as PostResult).success, false);
    });
  }
});
