import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TemporaryDeliveryError } from '../../src/deliver/delivery-error.ts';
import { connectOutbound, MAX_CONNECTIONS } from '../../src/deliver/outbound.ts';
import { readToEnd } from '../../src/deliver/response.ts';
import { selfSigned } from './certificate.ts';
import { anEvent } from './events.ts';
import { proxy } from './proxies.ts';
import { endpoint, listening, type Received, receive, success } from './servers.ts';
import { delivery } from './setup.ts';

/** A collector behind TLS, and the file of its certificate. */
async function secureReceiver(t: TestContext) {
  const received: Received[] = [];
  const { key, cert } = selfSigned();
  const folder = await mkdtemp(path.join(tmpdir(), 'kusk-deliver-'));
  t.after(() => rm(folder, { recursive: true }));
  const certificateFile = path.join(folder, 'ca.pem');
  await writeFile(certificateFile, cert);
  const server = https.createServer({ key, cert }, receive(received, success));
  return { ...(await listening(server, t, 'https')), received, certificateFile };
}

async function deliverOnce(endpoint: URL, environment: Record<string, string>, timeoutMs = 5_000) {
  const program = fileURLToPath(new URL('deliver-once.ts', import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [program, endpoint.href, String(timeoutMs)],
    { env: environment, timeout: 30_000 },
  );
  return { ...JSON.parse(stdout), stderr };
}

describe('certificates', () => {
  it('of an authority in NODE_EXTRA_CA_CERTS are trusted', async (t) => {
    const { url, received, certificateFile } = await secureReceiver(t);
    const { outcome } = await deliverOnce(url, { NODE_EXTRA_CA_CERTS: certificateFile });
    assert.equal(outcome, 'delivered');
    assert.equal(received.length, 1);
  });

  it('of any other authority are not trusted', async (t) => {
    const { url, received } = await secureReceiver(t);
    const { outcome } = await deliverOnce(url, {});
    assert.equal(outcome, 'certificate not trusted');
    assert.equal(received.length, 0);
  });
});

describe('a connection', () => {
  for (const through of ['nothing', 'a proxy'] as const) {
    it(`leaves each address of a name the time that a distant one needs, through ${through}`, async (t) => {
      const { url } = await endpoint(t);
      const environment = through === 'a proxy' ? { HTTP_PROXY: (await proxy(t)).url.href } : {};
      const connecting = t.mock.method(net, 'connect');
      const { deliver } = delivery(t, { endpoint: url, environment });
      await deliver(anEvent());
      const [options] = connecting.mock.calls[0]?.arguments ?? [];
      assert.equal(Reflect.get(Object(options), 'autoSelectFamily'), true);
      assert.equal(Reflect.get(Object(options), 'autoSelectFamilyAttemptTimeout'), 2_500);
    });
  }
});

describe('a program after it has closed its delivery', () => {
  it('has no handles left and ends', async (t) => {
    const { url } = await endpoint(t);
    assert.deepEqual(await deliverOnce(url, {}), { outcome: 'delivered', left: [], stderr: '' });
  });

  it('has no handles left after a failure', async (t) => {
    const { url } = await listening(net.createServer(), t);
    const { outcome, left } = await deliverOnce(url, {}, 20);
    assert.deepEqual({ outcome, left }, { outcome: 'no response within 0.02 s', left: [] });
  });

  it('has no handles left if a proxy does not respond', async (t) => {
    const { url } = await listening(net.createServer(), t);
    const https = new URL('https://127.0.0.1:4443');
    const { outcome, left } = await deliverOnce(https, { HTTPS_PROXY: url.href }, 20);
    assert.deepEqual({ outcome, left }, { outcome: 'no response within 0.02 s', left: [] });
  });
});

describe('a proxy', () => {
  it('tunnels to an https address', async (t) => {
    const { url, port, received, certificateFile } = await secureReceiver(t);
    const { url: proxyUrl, asked } = await proxy(t);
    const { outcome, stderr } = await deliverOnce(url, {
      NODE_EXTRA_CA_CERTS: certificateFile,
      HTTPS_PROXY: `http://me:p%40ss@${proxyUrl.host}`,
    });
    assert.equal(outcome, 'delivered');
    assert.equal(stderr, '');
    assert.deepEqual(asked, [
      { line: `CONNECT 127.0.0.1:${port}`, authorization: `Basic ${btoa('me:p@ss')}` },
    ]);
    assert.equal(received[0]?.headers['proxy-authorization'], undefined);
  });

  const forwarded = [
    { title: 'HTTP_PROXY', environment: (url: URL) => ({ HTTP_PROXY: url.href }) },
    { title: 'http_proxy', environment: (url: URL) => ({ http_proxy: url.href }) },
    {
      title: 'http_proxy before HTTP_PROXY',
      environment: (url: URL) => ({ http_proxy: url.href, HTTP_PROXY: 'http://127.0.0.1:1' }),
    },
    {
      title: 'HTTP_PROXY if http_proxy is empty',
      environment: (url: URL) => ({ http_proxy: '', HTTP_PROXY: url.href }),
    },
    { title: 'no scheme', environment: (url: URL) => ({ HTTP_PROXY: url.host }) },
    {
      title: 'NO_PROXY for others',
      environment: (url: URL) => ({ HTTP_PROXY: url.href, NO_PROXY: 'localhost,.example' }),
    },
    {
      title: 'NO_PROXY for another port',
      environment: (url: URL) => ({ HTTP_PROXY: url.href, NO_PROXY: '127.0.0.1:1' }),
    },
  ];
  for (const { title, environment } of forwarded) {
    it(`forwards to an http address: ${title}`, async (t) => {
      const { url, received } = await endpoint(t);
      const { url: proxyUrl, asked } = await proxy(t);
      const { deliver } = delivery(t, { endpoint: url, environment: environment(proxyUrl) });
      await deliver(anEvent());
      assert.deepEqual(asked, [{ line: `POST ${url.href}v1/batch`, authorization: undefined }]);
      assert.equal(received.length, 1);
    });
  }

  it('receives user and password, and the endpoint does not', async (t) => {
    const { url, received } = await endpoint(t);
    const { url: proxyUrl, asked } = await proxy(t);
    const environment = { HTTP_PROXY: `http://me:secret@${proxyUrl.host}` };
    await delivery(t, { endpoint: url, environment }).deliver(anEvent());
    assert.equal(asked[0]?.authorization, `Basic ${btoa('me:secret')}`);
    assert.equal(received[0]?.headers.authorization, `Basic ${btoa('the-write-key:')}`);
  });

  for (const NO_PROXY of ['127.0.0.1', 'a.example, 127.0.0.1', '*', '10.0.0.0/8,127.0.0.0/8']) {
    it(`is not used if NO_PROXY is ${NO_PROXY}`, async (t) => {
      const { url, received } = await endpoint(t);
      const { accepted, url: proxyUrl } = await proxy(t);
      const environment = { HTTP_PROXY: proxyUrl.href, HTTPS_PROXY: proxyUrl.href, NO_PROXY };
      await delivery(t, { endpoint: url, environment }).deliver(anEvent());
      assert.equal(accepted(), 0);
      assert.equal(received.length, 1);
    });
  }

  it('is read from the given environment, not from the process', async (t) => {
    const { url, received } = await endpoint(t);
    const { http_proxy: before = '' } = process.env;
    process.env.http_proxy = 'http://127.0.0.1:1';
    t.after(() => {
      process.env.http_proxy = before;
    });
    await delivery(t, { endpoint: url }).deliver(anEvent());
    assert.equal(received.length, 1);
  });

  for (const scheme of ['http', 'https']) {
    it(`that requires a login is named in the error, for an ${scheme} address`, async (t) => {
      const { url } = await proxy(t, { status: 407 });
      const environment = { HTTP_PROXY: url.href };
      const { deliver } = delivery(t, {
        endpoint: new URL(`${scheme}://127.0.0.1:4443`),
        environment,
      });
      await assert.rejects(deliver(anEvent()), { message: 'the proxy answered 407' });
    });
  }

  it('that closes the connection is named in the error', async (t) => {
    const { url } = await listening(
      net.createServer((socket) => socket.on('data', () => socket.destroy())),
      t,
    );
    const environment = { HTTPS_PROXY: url.href };
    const { deliver } = delivery(t, { endpoint: new URL('https://127.0.0.1:4443'), environment });
    await assert.rejects(deliver(anEvent()), { message: 'connection lost by the proxy' });
  });

  for (const value of ['http://', 'socks5://me:secret@127.0.0.1:1', 'me:secret@:x']) {
    it(`with a malformed address is a temporary error that does not contain the address: ${value}`, async (t) => {
      const { url, accepted } = await endpoint(t);
      const { deliver } = delivery(t, { endpoint: url, environment: { HTTP_PROXY: value } });
      await assert.rejects(
        deliver(anEvent()),
        new TemporaryDeliveryError(
          'HTTP_PROXY must be the address of a proxy, such as http://proxy.example:3128',
        ),
      );
      assert.equal(accepted(), 0);
    });
  }

  const logins: readonly (readonly [string, string])[] = [
    ['user:50%off', 'user:50%off'],
    ['user:100%de', 'user:100%de'],
    ['user:50%25off', 'user:50%off'],
    ['user:%', 'user:%'],
    ['us%40er:p%zz%40', 'us@er:p%zz@'],
    ['user:%C3%A9', 'user:é'],
    ['user:é', 'user:é'],
    ['user:p@ss', 'user:p@ss'],
    ['user', 'user:'],
    [':secret', ':secret'],
  ];
  for (const [written, meant] of logins) {
    it(`receives the login ${meant} for the spelling ${written}`, async (t) => {
      const { url, received } = await endpoint(t);
      const { url: proxyUrl, asked } = await proxy(t);
      const environment = { HTTP_PROXY: `http://${written}@${proxyUrl.host}` };
      await delivery(t, { endpoint: url, environment }).deliver(anEvent());
      assert.equal(asked[0]?.authorization, `Basic ${Buffer.from(meant).toString('base64')}`);
      assert.equal(received.length, 1);
    });
  }

  it('carries many requests over few connections', async (t) => {
    const { url } = await endpoint(t);
    const { url: proxyUrl, accepted } = await proxy(t);
    const { fetch, close } = connectOutbound({ environment: { HTTP_PROXY: proxyUrl.href } });
    t.after(close);
    const ask = () => fetch(url, { method: 'POST', body: '{"batch":[]}' });
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    await Promise.all(answers.map(readToEnd));
    assert.ok(accepted() <= MAX_CONNECTIONS, `${accepted()} connections`);
  });
});
