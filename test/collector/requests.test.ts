import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COLLECTOR_METRICS } from '../../src/collector/metrics.ts';
import { refusalOf } from '../../src/collector/refusal-of.ts';
import { StoreUnavailable } from '../../src/collector/store/store.ts';
import { anEvent, basic, collector } from './setup.ts';

function setup() {
  const lines: object[] = [];
  return { lines, ...collector({ readKey: 'r', onDebug: (fields) => lines.push(fields) }) };
}

describe('a request in the log', () => {
  const cases = [
    { path: '/v1/batch/', method: 'POST', logged: '/v1/batch', status: 200, route: 'intake' },
    { path: '/v1/numbers?from=SECRET', logged: '/v1/numbers', status: 400, route: 'data' },
    { path: '/?range=7d', logged: '/', status: 200, route: 'pages' },
    { path: '/numbers.csv', logged: '/numbers.csv', status: 200, route: 'pages' },
    { path: '/readyz', logged: '/readyz', status: 200, route: 'operations' },
    { path: '/v1/SECRET', logged: '/*', status: 404, route: 'other' },
    { path: '/v1/events', method: 'PUT', logged: '/v1/events', status: 405, route: 'data' },
  ];
  for (const { path, method = 'GET', logged, status, route } of cases) {
    it(`is one line at level debug, without its query: ${method} ${path}`, async () => {
      const { app, lines, get } = setup();
      const body = method === 'POST' ? JSON.stringify({ batch: [anEvent()] }) : undefined;
      const Authorization = method === 'POST' ? basic('write-key-1') : 'Bearer r';
      const headers = { Authorization, 'X-Forwarded-For': '192.0.2.1' };
      await app.request(path, { method, headers, ...(body && { body }) });
      assert.deepEqual(
        lines.map((line) => ({ ...line, ms: 0 })),
        [{ method, path: logged, status, ms: 0 }],
      );
      const { text } = await get('/metrics', { Authorization: 'Bearer r' });
      const counted = new RegExp(
        `^kusk_collector_request_seconds_count\\{route="${route}"\\} 1$`,
        'm',
      );
      assert.match(text, counted);
    });
  }
});

describe('/metrics', () => {
  it('has every metric of the table, and no other', async () => {
    const { post, get } = collector();
    await post('/v1/batch', { body: { batch: [anEvent()] } });
    await post('/v1/batch', { body: 'not JSON' });
    await get('/v1/numbers');
    const { text } = await get('/metrics');
    const described = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
      ([, name, type]) => `${name} ${type}`,
    );
    const rows = Object.values(COLLECTOR_METRICS).map(({ name, type }) => `${name} ${type}`);
    assert.equal(described.length, rows.length);
    assert.deepEqual(new Set(described), new Set(rows));
    for (const { name } of Object.values(COLLECTOR_METRICS)) {
      assert.match(text, new RegExp(`^${name}(?:_count)?(?:\\{.*\\})? \\d`, 'm'), name);
    }
    assert.match(text, /^kusk_collector_requests_refused_total\{code="invalid_json"\} 1$/m);
    assert.match(text, /^kusk_collector_store_seconds_count\{operation="record"\} 1$/m);
  });

  it('counts what the store fails', async () => {
    const { post, get, store } = collector();
    await store.close();
    assert.equal((await post('/v1/batch', { body: { batch: [anEvent()] } })).status, 500);
    const { text } = await get('/metrics');
    assert.match(text, /^kusk_collector_store_failures_total\{reason="failed"\} 1$/m);
    assert.match(text, /^kusk_collector_store_failures_total\{reason="unavailable"\} 0$/m);
  });
});

describe('a store that does not respond', () => {
  it('is not ready, and asks to try again', async () => {
    const { get, store, logged } = collector();
    await store.close();
    const { status, headers, text } = await get('/readyz');
    assert.deepEqual([status, headers.get('retry-after')], [503, '1']);
    assert.equal(JSON.parse(text).code, 'store_failed');
    assert.match(logged.join(), /^the store has failed/);
  });

  it('shows people a page, and programs JSON', async () => {
    const { get, store } = collector();
    await store.close();
    const page = await get('/', { Accept: 'text/html' });
    assert.equal(page.status, 500);
    assert.match(page.text, /<h1>.*The collector failed; try again\./s);
    assert.equal(JSON.parse((await get('/numbers.json')).text).code, 'internal');
  });
});

describe('an error as a response', () => {
  it('is 503 with Retry-After while the store is unavailable', () => {
    const busy = new StoreUnavailable('Another process has the database: send it again.');
    const { status, code, headers } = refusalOf(busy, { log: { error: assert.fail } });
    assert.deepEqual(
      { status, code, ...headers },
      { status: 503, code: 'busy', 'Retry-After': '1' },
    );
  });
});

describe('a page', () => {
  it('is compressed for a browser, and not for others', async () => {
    const { app } = collector();
    const [plain, small] = await Promise.all(
      ['identity', 'gzip, deflate, br'].map((encoding) =>
        app.request('/', { headers: { 'Accept-Encoding': encoding } }),
      ),
    );
    assert.equal(plain?.headers.get('content-encoding'), null);
    assert.equal(small?.headers.get('content-encoding'), 'gzip');
    assert.match(small?.headers.get('vary') ?? '', /Accept-Encoding/);
    const bytes = async (response?: Response) => (await response?.arrayBuffer())?.byteLength ?? 0;
    assert.ok((await bytes(small)) * 2 < (await bytes(plain)));
  });
});
