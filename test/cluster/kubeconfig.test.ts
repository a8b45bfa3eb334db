import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { eventually } from '../../lab/support/eventually.ts';
import { type ConnectOptions, connect } from '../../src/cluster/connect.ts';
import { MissingContextError } from '../../src/cluster/errors.ts';
import { loadKubeConfig } from '../../src/cluster/kubeconfig.ts';
import { selfSigned } from '../deliver/certificate.ts';
import { listening } from '../deliver/servers.ts';

const signal = new AbortController().signal;

/** Returns a kubeconfig with one cluster, user and context of this name. */
function configOf(name: string, parts: { server?: string; user?: object; cluster?: object } = {}) {
  const { server = `http://${name}.example`, user = {}, cluster = {} } = parts;
  return {
    'current-context': name,
    clusters: [{ name, cluster: { server, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `${name}-namespace` } }],
  };
}

/** Creates a folder with these files. `pathOf` returns their paths. */
async function setup(t: TestContext, files: Readonly<Record<string, unknown>>) {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(folder, name), text);
  }
  const pathOf = (...names: readonly string[]) =>
    names.map((name) => join(folder, name)).join(delimiter);
  return { folder, pathOf };
}

/** An API server that responds 401 to unknown callers and records each request. */
async function apiServer(
  t: TestContext,
  isKnown: (request: IncomingMessage) => boolean = () => true,
) {
  const received: { url: string | undefined; authorization: string | undefined }[] = [];
  const server = http.createServer((request, response) => {
    received.push({ url: request.url, authorization: request.headers.authorization });
    response.writeHead(isKnown(request) ? 200 : 401).end('{}');
  });
  return { received, ...(await listening(server, t)) };
}

function open(t: TestContext, kubeconfig: string, options: Partial<ConnectOptions> = {}) {
  const connection = connect({ kubeconfig, ...options });
  t.after(() => connection.close());
  return connection;
}

type Certified = ReturnType<typeof selfSigned>;

/** Trusts a certificate in this process for the duration of a test, like NODE_EXTRA_CA_CERTS. */
function trust(t: TestContext, { cert }: Certified): void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, cert]);
  t.after(() => setDefaultCACertificates(before));
}

describe('KUBECONFIG', () => {
  it('may name one file', async (t) => {
    const { pathOf } = await setup(t, { one: configOf('one') });
    const config = loadKubeConfig({ kubeconfig: pathOf('one') });
    assert.equal(config.getCurrentCluster()?.server, 'http://one.example');
    assert.equal(open(t, pathOf('one')).namespace, 'one-namespace');
  });

  it('may name several files: the context is that of the first', async (t) => {
    const { pathOf } = await setup(t, { one: configOf('one'), two: configOf('two') });
    const config = loadKubeConfig({ kubeconfig: pathOf('two', 'one') });
    assert.equal(config.getCurrentCluster()?.server, 'http://two.example');
    assert.deepEqual(
      config.getContexts().map(({ name }) => name),
      ['two', 'one'],
    );
  });

  it('may name several files: the first one with a context sets it', async (t) => {
    const { 'current-context': _, ...clusters } = configOf('one');
    const { pathOf } = await setup(t, { clusters, context: { 'current-context': 'one' } });
    const config = loadKubeConfig({ kubeconfig: pathOf('clusters', 'context') });
    assert.equal(config.getCurrentCluster()?.server, 'http://one.example');
  });

  it('may name several files that define the same names: the first definition wins', async (t) => {
    const { pathOf } = await setup(t, {
      one: configOf('same', { server: 'http://first.example' }),
      two: configOf('same', { server: 'http://second.example' }),
    });
    const config = loadKubeConfig({ kubeconfig: pathOf('one', 'two') });
    assert.equal(config.getCurrentCluster()?.server, 'http://first.example');
  });

  it('may name several files of which one does not exist', async (t) => {
    const { pathOf } = await setup(t, { one: configOf('one') });
    const config = loadKubeConfig({ kubeconfig: pathOf('nothing', 'one') });
    assert.equal(config.getCurrentCluster()?.server, 'http://one.example');
  });

  it('that is not set, or names no file, is refused outside of a pod', (t) => {
    const { KUBERNETES_SERVICE_HOST: host } = process.env;
    delete process.env.KUBERNETES_SERVICE_HOST;
    t.after(() => {
      if (host !== undefined) process.env.KUBERNETES_SERVICE_HOST = host;
    });
    const todo = 'set KUBECONFIG to a kubeconfig file';
    const cases = [
      [undefined, `not in a pod, and KUBECONFIG is not set: ${todo}`],
      [delimiter, `not in a pod, and KUBECONFIG names no file: ${todo}`],
    ] as const;
    for (const [kubeconfig, message] of cases)
      assert.throws(() => loadKubeConfig({ kubeconfig }), { message });
  });

  const faults = [
    {
      title: 'a file that does not exist',
      content: undefined,
      message: /which cannot be read \(ENOENT\)/,
    },
    { title: 'an empty file', content: '', message: /not a kubeconfig in YAML/ },
    { title: 'a file that is not YAML', content: '{', message: /not a kubeconfig in YAML/ },
    { title: 'a file that is a text', content: 'hello', message: /KUBECONFIG names/ },
    { title: 'a file without a context', content: {}, message: /set current-context in / },
    {
      title: 'a proxy that is not an HTTP proxy',
      content: configOf('one', { cluster: { 'proxy-url': 'socks5://me:secret@proxy:1080' } }),
      message: /^proxy-url [a-z ]+ must be an http:\/\/ or https:\/\/ URL$/,
    },
  ];
  for (const { title, content, message } of faults) {
    it(`that names ${title} is refused with the reason`, async (t) => {
      const { pathOf } = await setup(t, content === undefined ? {} : { one: content });
      assert.throws(() => connect({ kubeconfig: pathOf('one') }), { message });
    });
  }

  it('that is absent outside of a pod is refused with the setting to change', () => {
    for (const kubeconfig of [undefined, '', delimiter]) {
      assert.throws(() => loadKubeConfig({ kubeconfig }), { message: /set KUBECONFIG/ });
    }
  });
});

describe('the credentials of a kubeconfig', () => {
  const cases = [
    { title: 'a token', user: { token: 'abc' }, authorization: 'Bearer abc' },
    {
      title: 'a name and a password',
      user: { username: 'jane', password: 'secret' },
      authorization: `Basic ${Buffer.from('jane:secret').toString('base64')}`,
    },
    { title: 'none', user: {}, authorization: undefined },
  ];
  for (const { title, user, authorization } of cases) {
    it(`may be ${title}`, async (t) => {
      const { url, received } = await apiServer(t);
      const { pathOf } = await setup(t, { one: configOf('one', { server: url.href, user }) });
      const { body } = await open(t, pathOf('one')).request('/api', { signal });
      await body.dump();
      assert.deepEqual(received, [{ url: '/api', authorization }]);
    });
  }

  it('may be a token in a file with a relative path', async (t) => {
    const { url, received } = await apiServer(t);
    const user = { tokenFile: 'token' };
    const { pathOf } = await setup(t, {
      token: 'from-a-file\n',
      one: configOf('one', { server: url.href, user }),
    });
    await (await open(t, pathOf('one')).request('/', { signal })).body.dump();
    assert.equal(received[0]?.authorization, 'Bearer from-a-file');
  });

  for (const moment of ['before', 'after'] as const) {
    it(`are read again if they are rotated ${moment} a 401, so that the next request has them`, async (t) => {
      const isNew = ({ headers }: IncomingMessage) => headers.authorization === 'Bearer new';
      const { url } = await apiServer(t, isNew);
      const config = (token: string) => configOf('one', { server: url.href, user: { token } });
      const { pathOf } = await setup(t, { one: config('old') });
      const { request } = open(t, pathOf('one'));
      const rotate = () => writeFile(pathOf('one'), JSON.stringify(config('new')));
      if (moment === 'before') await rotate();
      await assert.rejects(request('/', { signal }), { status: 401 });
      if (moment === 'after') await rotate();
      assert.equal((await request('/', { signal })).statusCode, 200);
    });
  }
});

describe('a context that is no longer the current one', () => {
  const LOGIN = { timeoutMs: 1_000, holdsRequests: false, onOutput: () => undefined };

  /** A connection in context `dev`, whose server fails, and a file that can name another server too. */
  async function switchable(
    t: TestContext,
    { login, fails }: { login: boolean; fails: 'with 401' | 'to connect' },
  ) {
    const dev = await apiServer(t, () => false);
    const prod = await apiServer(t);
    const server = fails === 'to connect' ? 'http://127.0.0.1:1' : dev.url.href;
    const [one, other] = [configOf('dev', { server }), configOf('prod', { server: prod.url.href })];
    const both = {
      'current-context': 'prod',
      clusters: [...one.clusters, ...other.clusters],
      users: [...one.users, ...other.users],
      contexts: [...one.contexts, ...other.contexts],
    };
    const { pathOf } = await setup(t, { config: { ...both, 'current-context': 'dev' } });
    const { request } = open(t, pathOf('config'), login ? { login: LOGIN } : {});
    const error = () =>
      request('/', { signal }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
    const rewrite = (config: object) => writeFile(pathOf('config'), JSON.stringify(config));
    return { error, rewrite, both, other, received: prod.received };
  }

  for (const fails of ['with 401', 'to connect'] as const) {
    it(`stays in use at a terminal if a request fails ${fails}`, async (t) => {
      const { error, rewrite, both, received } = await switchable(t, { login: true, fails });
      const first = await error();
      await rewrite(both);
      assert.deepEqual(await error(), first);
      assert.deepEqual(await error(), first);
      assert.deepEqual(received, []);
    });

    it(`is missed by name if it is gone and a request fails ${fails}`, async (t) => {
      const { error, rewrite, both, other, received } = await switchable(t, { login: true, fails });
      const cause = await error();
      await rewrite(other);
      const gone = await error();
      assert.ok(gone instanceof MissingContextError);
      assert.equal(gone.message, 'the kubeconfig no longer has the context in use');
      assert.deepEqual(gone.cause, cause);
      await rewrite(both);
      await error();
      assert.deepEqual(await error(), cause);
      assert.deepEqual(received, []);
    });

    it(`is left without a terminal if a request fails ${fails}: a mounted file decides`, async (t) => {
      const { error, rewrite, other, received } = await switchable(t, { login: false, fails });
      await rewrite(other);
      assert.ok((await error()) instanceof Error);
      assert.equal(await error(), undefined);
      assert.equal(received.length, 1);
    });
  }
});

describe('the connection to the API server', () => {
  it('keeps the path of the server’s URL, and adds the query', async (t) => {
    const { url, received } = await apiServer(t);
    const server = `${url.href}k8s/clusters/c-1/`;
    const { pathOf } = await setup(t, { one: configOf('one', { server }) });
    const { request } = open(t, pathOf('one'));
    const { body } = await request('/api', { signal, query: { limit: '5', continue: 'a/b=' } });
    await body.dump();
    assert.equal(received[0]?.url, '/k8s/clusters/c-1/api?limit=5&continue=a%2Fb%3D');
  });

  const proxies = [
    { title: 'http', scheme: 'http', make: () => http.createServer() },
    {
      title: 'https, preferring HTTP/2',
      scheme: 'https',
      make: (own: Certified) => http2.createSecureServer({ ...own, allowHTTP1: true }),
    },
  ];
  for (const { title, scheme, make } of proxies) {
    it(`uses the proxy of the kubeconfig: ${title}`, async (t) => {
      const own = selfSigned();
      trust(t, own);
      const server = https.createServer(own, (_, response) => response.end('{}'));
      const { url } = await listening(server, t, 'https');
      const targets: (string | undefined)[] = [];
      const proxy = make(own).on('connect', (request: IncomingMessage, socket: Socket) => {
        targets.push(request.url);
        const upstream = connectTcp(Number(url.port), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          socket.pipe(upstream).pipe(socket);
        });
        upstream.on('error', () => socket.destroy());
        socket.on('error', () => upstream.destroy());
      });
      const { url: proxyUrl } = await listening(proxy, t, scheme);
      const cluster = {
        'proxy-url': proxyUrl.href,
        'certificate-authority-data': Buffer.from(own.cert).toString('base64'),
      };
      const { pathOf } = await setup(t, { one: configOf('one', { server: url.href, cluster }) });
      const deadline = AbortSignal.timeout(10_000);
      const { body } = await open(t, pathOf('one')).request('/api', { signal: deadline });
      await body.dump();
      assert.deepEqual(targets, [url.host]);
    });
  }

  const silent = [
    { title: 'an API server', at: (url: URL) => ({ server: `https://${url.host}` }) },
    {
      title: 'a proxy',
      at: (url: URL) => ({ server: 'https://127.0.0.1:1', cluster: { 'proxy-url': url.href } }),
    },
  ];
  for (const { title, at } of silent) {
    it(`ends at the signal if ${title} accepts and sends nothing`, async (t) => {
      const { url, drained } = await listening(
        createTcpServer((socket) => socket.resume()),
        t,
      );
      const { pathOf } = await setup(t, { one: configOf('one', at(url)) });
      const { request, close } = open(t, pathOf('one'));
      for (let count = 0; count < 2; count += 1) {
        const pending = request('/', { signal: AbortSignal.timeout(100) });
        await assert.rejects(pending, { name: 'TimeoutError' });
      }
      await close();
      await drained();
    });
  }

  it('opens few connections', async (t) => {
    const { url, accepted } = await apiServer(t);
    const { pathOf } = await setup(t, { one: configOf('one', { server: url.href }) });
    const { request } = open(t, pathOf('one'));
    assert.equal(accepted(), 0);
    for (let count = 0; count < 20; count += 1) {
      await (await request('/', { signal })).body.dump();
    }
    assert.ok(accepted() <= 2, `${accepted()} connections`);
  });

  /**
   * An API server that responds to `/silent` on demand and records the socket of each other
   * request.
   */
  async function silentServer(t: TestContext) {
    const responders: (() => void)[] = [];
    const sockets: Socket[] = [];
    const server = http.createServer(({ url, socket }, response) => {
      const respond = () => response.end('{}');
      if (url === '/silent') return responders.push(respond);
      sockets.push(socket);
      return respond();
    });
    const { url } = await listening(server, t);
    const { pathOf } = await setup(t, { one: configOf('one', { server: url.href }) });
    const { request } = open(t, pathOf('one'));
    /** Sends a request and returns its socket. */
    const send = async () => {
      await (await request('/', { signal })).body.dump();
      await turn();
      return sockets.at(-1);
    };
    return { request, send, responders };
  }

  const late = () => new DOMException('late', 'TimeoutError');

  const timeouts = [
    { title: 'until the deadline', options: () => ({ signal: AbortSignal.timeout(100) }) },
    { title: 'within the idle timeout', options: () => ({ signal, idleTimeoutMs: 100 }) },
  ];
  for (const { title, options } of timeouts) {
    it(`uses new sockets after no response came ${title}, as the others may be dead too`, async (t) => {
      const { request, send } = await silentServer(t);
      const before = await Promise.all([send(), send()]);
      await assert.rejects(request('/silent', options()), /time/i);
      assert.ok(!before.includes(await send()));
    });
  }

  it('keeps its sockets after no response came on a retired one', async (t) => {
    const { request, send, responders } = await silentServer(t);
    const [first, second] = [new AbortController(), new AbortController()];
    const pending = [first, second].map(({ signal }) => request('/silent', { signal }));
    await eventually(() => assert.equal(responders.length, 2));
    const rejected = pending.map((one) => assert.rejects(one, { name: 'TimeoutError' }));
    first.abort(late());
    await rejected[0];
    const now = await send();
    second.abort(late());
    await rejected[1];
    assert.equal(await send(), now);
  });

  it('closes all its sockets', async (t) => {
    const { url, drained } = await apiServer(t);
    const { pathOf } = await setup(t, { one: configOf('one', { server: url.href }) });
    const connection = open(t, pathOf('one'));
    await (await connection.request('/', { signal })).body.dump();
    await connection.close();
    await drained();
  });
});

describe('an unsuccessful response', () => {
  const cases = [
    {
      title: 'is an error with its status and reason',
      status: 403,
      headers: {},
      body: '{"reason":"Forbidden","message":"secret"}',
      error: { message: 'answered 403 Forbidden', status: 403, retryAfterMs: undefined },
    },
    {
      title: 'is an error with the requested pause',
      status: 429,
      headers: { 'Retry-After': '7' },
      body: 'Too many requests',
      error: { message: 'answered 429', retryAfterMs: 7_000 },
    },
    {
      title: 'requests a pause of a minute at most',
      status: 503,
      headers: { 'Retry-After': '999999999' },
      body: '{"reason":7}',
      error: { message: 'answered 503', retryAfterMs: 60_000 },
    },
    {
      title: 'requests no pause if Retry-After is not in seconds',
      status: 503,
      headers: { 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' },
      body: '{"reason":"a name with blanks"}',
      error: { message: 'answered 503', retryAfterMs: undefined },
    },
    {
      title: 'may be a redirect',
      status: 302,
      headers: { Location: '/login' },
      body: '',
      error: { message: 'answered 302' },
    },
  ];
  for (const { title, status, headers, body, error } of cases) {
    it(title, async (t) => {
      const server = http.createServer((_, response) => {
        response.writeHead(status, headers as Record<string, string>).end(body);
      });
      const { url } = await listening(server, t);
      const { pathOf } = await setup(t, { one: configOf('one', { server: url.href }) });
      await assert.rejects(open(t, pathOf('one')).request('/', { signal }), error);
    });
  }
});
