import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { type Serving, serving } from './serving.ts';
import { viewOf } from './views.ts';

/** What only a person with the token may see. */
const SECRET = /kusk-system|kusk-gateway|production|10\.0\.0\.1|shop-|Telemetry is/;
const OWN = ['/', '/resources', '/sent', '/preview', '/events', '/session'];

interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

let served: Serving;
let cookie = '';

interface Options {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly port?: number;
}

/** Sends a request with exactly these headers. */
async function get(path: string, { method = 'GET', headers = {}, port }: Options = {}) {
  const { bound } = served;
  const options = { host: '127.0.0.1', port: port ?? bound.port, path, method, headers };
  return await new Promise<Response>((resolve, reject) => {
    const sent = request({ ...options, agent: false }, async (response) => {
      const text = await readText(response);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    sent.on('error', reject).end();
  });
}

/** Sends bytes, and resolves to what comes back until the connection ends. */
async function sendRaw(bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: served.bound.port });
  socket.end(bytes);
  return await readText(socket);
}

const known = () => ({ cookie });

describe('the dashboard and a hostile client', () => {
  before(async () => {
    served = await serving({ view: viewOf('on') });
    const { search } = new URL(served.addressWithToken);
    const { headers } = await get(`/${search}`);
    cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  });
  after(() => served.stop());

  describe('the token', () => {
    it('is exchanged for one cookie by a redirect to an address without it', async () => {
      const { search } = new URL(served.addressWithToken);
      const { status, headers, text } = await get(`/${search}`);
      assert.equal(status, 303);
      assert.equal(headers.location, '/');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(text, '');
      const [first = '', ...others] = headers['set-cookie'] ?? [];
      assert.deepEqual(others, []);
      assert.match(
        first,
        new RegExp(
          `^kusk-dashboard-${served.bound.port}=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict$`,
        ),
      );
      assert.ok(!first.includes(search.slice('?token='.length)));
    });

    it('fits with its address into a terminal of 80 columns', () => {
      assert.ok(served.addressWithToken.length < 80);
    });

    it('lets its cookie see the pages', async () => {
      const { status, text } = await get('/', { headers: known() });
      assert.equal(status, 200);
      assert.match(text, SECRET);
    });

    for (const token of ['', 'x', '0'.repeat(48), '%00', 'é'.repeat(10), 'a'.repeat(8_000)]) {
      it(`that is wrong shows what to do and nothing else: ${token.slice(0, 20)}`, async () => {
        const { status, headers, text } = await get(`/?token=${encodeURIComponent(token)}`);
        assert.equal(status, 403);
        assert.match(text, /Open the address that is in its terminal now/);
        assert.doesNotMatch(text, SECRET);
        assert.equal(headers['set-cookie'], undefined);
      });
    }

    for (const path of OWN) {
      for (const value of ['', 'kusk-dashboard=1', `kusk-dashboard-PORT=${'0'.repeat(64)}`]) {
        it(`is needed by another user of the machine: ${path} with ${value || 'no cookie'}`, async () => {
          const cookies = value.replace('PORT', String(served.bound.port));
          const headers = { ...(value && { cookie: cookies }), 'x-kusk-session': '1'.repeat(64) };
          const { status, text } = await get(path, { headers });
          assert.equal(status, 401);
          assert.doesNotMatch(text, SECRET);
        });
      }
    }
  });

  describe('a request from elsewhere', () => {
    for (const path of [...OWN, '/assets/x.css', '/nothing']) {
      it(`is refused by the Host of a rebinding name, with the cookie: ${path}`, async () => {
        const host = `rebound.example:${served.bound.port}`;
        const { status, text } = await get(path, { headers: { ...known(), host } });
        assert.equal(status, 421);
        assert.doesNotMatch(text, SECRET);
        assert.match(text, new RegExp(`at http://127.0.0.1:${served.bound.port}/`));
      });
    }

    for (const path of OWN) {
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'http://elsewhere.example' },
        { origin: 'null' },
      ]) {
        it(`is refused with the cookie: ${path}, ${JSON.stringify(headers)}`, async () => {
          const { status, text } = await get(path, { headers: { ...known(), ...headers } });
          assert.equal(status, 403);
          assert.doesNotMatch(text, SECRET);
        });
      }
    }

    it('gets no headers that would let it read a response', async () => {
      const { headers } = await get('/', {
        headers: { ...known(), origin: served.address.slice(0, -1) },
      });
      for (const name of Object.keys(headers)) assert.doesNotMatch(name, /^access-control/);
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
      assert.equal(headers['x-frame-options'], 'DENY');
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /^default-src 'none'; script-src 'self'; /);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe|http:|\*/);
    });

    it('signs in with the token by a page, not by a redirect that would lose the cookie', async () => {
      const { search } = new URL(served.addressWithToken);
      const { status, headers, text } = await get(`/${search}`, {
        headers: { 'sec-fetch-site': 'cross-site' },
      });
      assert.equal(status, 200);
      assert.equal(headers.refresh, '0; url=/');
      assert.doesNotMatch(text, SECRET);
    });
  });

  describe('a method', () => {
    for (const method of [
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'OPTIONS',
      'TRACE',
      'PROPFIND',
      'QUERY',
    ]) {
      it(`that is not GET or HEAD is refused, also with the cookie: ${method}`, async () => {
        const { status, headers, text } = await get('/', { method, headers: known() });
        assert.equal(status, 405);
        assert.equal(headers.allow, 'GET, HEAD');
        assert.doesNotMatch(text, SECRET);
      });
    }

    it('CONNECT gets no connection', async () => {
      const { port } = served.bound;
      const response = await sendRaw(
        `CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
      );
      assert.doesNotMatch(response, /^HTTP\/1.1 2/);
    });

    for (const path of OWN.filter((one) => one !== '/session')) {
      it(`HEAD has the headers of GET and no body: ${path}`, async () => {
        const { status, text } = await get(path, { method: 'HEAD', headers: known() });
        assert.equal(status, 200);
        assert.equal(text, '');
      });
    }
  });

  describe('a path', () => {
    for (const path of [
      '/../../etc/passwd',
      '/..%2f..%2fetc/passwd',
      '/assets/../../package.json',
      '/assets/%2e%2e/%2e%2e/package.json',
      '//etc/passwd',
      '/%00',
      '/%',
      '/resources/%E0%A4%A',
      `/${'a'.repeat(10_000)}`,
      '/__proto__',
      '/resources%00',
    ]) {
      it(`leads to no file: ${path.slice(0, 40)}`, async () => {
        const { status, text } = await get(path, { headers: known() });
        assert.ok(status >= 400 && status < 500, String(status));
        assert.doesNotMatch(text, /root:|"dependencies"/);
      });
    }

    it('of a whole address is checked by its Host header', async () => {
      const response = await sendRaw(
        'GET http://rebound.example/ HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n',
      );
      assert.doesNotMatch(response, SECRET);
      assert.match(response, /^HTTP\/1.1 4/);
    });

    for (const query of [
      'page=-1',
      'page=999999',
      'page=1e9',
      'sort=__proto__',
      'kind=constructor',
      'q=%00',
      'counted=<b>',
      'q=%22%3E%3Cscript%3E',
    ]) {
      it(`has a query that can't be understood: ${query}`, async () => {
        const { status, text } = await get(`/resources?${query}`, { headers: known() });
        assert.equal(status, 200);
        assert.doesNotMatch(text, /<b>|<script>/);
      });
    }
  });

  describe('bytes that are no request', () => {
    for (const bytes of [
      '\0\0\0\0',
      'GET / HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.0\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n`,
      `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
    ]) {
      it(`get an error: ${JSON.stringify(bytes.slice(0, 30))}`, async () => {
        const response = await sendRaw(bytes);
        assert.doesNotMatch(response, SECRET);
        assert.match(response, /^(HTTP\/1.1 4|$)/);
        assert.equal((await get('/', { headers: known() })).status, 200);
      });
    }
  });

  describe('the server', () => {
    it('takes the next free port if one is in use', async () => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const { port } = other.address() as { readonly port: number };
      await using second = await serving({ view: viewOf('on'), port });
      assert.ok(second.bound.port > port && second.bound.port <= port + 20);
      assert.equal(new URL(second.address).port, String(second.bound.port));
      other.close();
    });

    it('ends immediately, with a stream of events open', async () => {
      const own = await serving({ view: viewOf('on') });
      const { port } = own.bound;
      const { search } = new URL(own.addressWithToken);
      const { headers } = await get(`/${search}`, { port });
      const mine = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      const opened = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<void>();
      const stream = request({
        host: '127.0.0.1',
        port,
        path: '/events',
        headers: { cookie: mine },
      });
      stream
        .on('error', () => ended.resolve())
        .on('response', (response) => {
          response.once('data', () => opened.resolve()).on('error', () => ended.resolve());
          response.on('close', () => ended.resolve());
        });
      stream.end();
      await opened.promise;
      await own.stop();
      await ended.promise;
    });

    it('has had no failure', () => {
      assert.deepEqual(served.failures, []);
    });
  });
});
