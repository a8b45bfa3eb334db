import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import net from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import {
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from '../../src/deliver/delivery-error.ts';
import { MAX_CONNECTIONS } from '../../src/deliver/outbound.ts';
import { selfSigned } from './certificate.ts';
import { anEvent } from './events.ts';
import { type Answer, endpoint, listening, receive, success } from './servers.ts';
import { delivery, WRITE_KEY } from './setup.ts';

const DATE = 'Mon, 23 Nov 2026 11:42:41 GMT';
const HALF_A_MINUTE_LATER = 'Mon, 23 Nov 2026 11:43:11 GMT';

async function rejection(delivered: Promise<void>): Promise<Error> {
  return delivered.then(
    () => assert.fail('it was delivered'),
    (error) => error,
  );
}

function setup(t: TestContext, endpoint: URL, timeoutMs = 5_000) {
  const { deliver, acknowledged } = delivery(t, { endpoint, timeoutMs });
  return { deliver: () => deliver(anEvent()), acknowledged };
}

function answering(status: number, headers: Record<string, string> = {}, body = ''): Answer {
  return (response) => {
    response.sendDate = false;
    response.writeHead(status, headers).end(body);
  };
}

describe('a response that is not an acknowledgement', () => {
  const temporary = [
    { answer: answering(500), message: 'answered 500' },
    {
      answer: answering(503, { 'retry-after': '7' }),
      message: 'answered 503',
      retryAfterMs: 7_000,
    },
    { answer: answering(408), message: 'answered 408' },
    { answer: answering(425), message: 'answered 425' },
    { answer: answering(429), message: 'answered 429' },
    {
      answer: answering(429, { 'retry-after': '120' }),
      message: 'answered 429',
      retryAfterMs: 120_000,
    },
    {
      answer: answering(429, { 'retry-after': HALF_A_MINUTE_LATER, date: DATE }),
      message: 'answered 429',
      retryAfterMs: 30_000,
    },
    {
      answer: answering(429, { 'retry-after': DATE, date: HALF_A_MINUTE_LATER }),
      message: 'answered 429',
      retryAfterMs: 0,
    },
    { answer: answering(429, { 'retry-after': HALF_A_MINUTE_LATER }), message: 'answered 429' },
    { answer: answering(429, { 'retry-after': 'soon', date: DATE }), message: 'answered 429' },
    {
      answer: answering(302, { location: '/login' }),
      message: 'redirected to another address (a login page?)',
    },
    {
      answer: answering(307, { location: 'http://127.0.0.1:1/v1/batch?token=secret' }),
      message: 'redirected to another address (a login page?)',
    },
    { answer: answering(304), message: 'answered 304' },
    {
      answer: answering(200, { 'content-type': 'text/html; charset=utf-8' }, '<html></html>'),
      message: 'response is an HTML page (a login page?)',
    },
    {
      answer: answering(200, {}, ' '.repeat(64 * 1024 + 1)),
      message: 'response longer than 64 KB',
    },
  ];
  for (const { answer, message, retryAfterMs } of temporary) {
    it(`is temporary: ${message}, retry after ${retryAfterMs ?? 'no'} ms`, async (t) => {
      const { url, received } = await endpoint(t, answer);
      const { deliver, acknowledged } = setup(t, url);
      const error = await rejection(deliver());
      assert.ok(error instanceof TemporaryDeliveryError);
      assert.equal(error.message, message);
      assert.equal(error.retryAfterMs, retryAfterMs);
      assert.equal(received.length, 1);
      assert.equal(acknowledged.length, 0);
    });
  }

  for (const status of [400, 401, 403, 404, 410, 413]) {
    it(`is permanent: ${status}`, async (t) => {
      const { url, received } = await endpoint(t, answering(status, {}, WRITE_KEY));
      const { deliver, acknowledged } = setup(t, url);
      const error = await rejection(deliver());
      assert.ok(error instanceof PermanentDeliveryError);
      assert.equal(error.message, `answered ${status}`);
      assert.equal(error.status, status);
      assert.equal(received.length, 1);
      assert.equal(acknowledged.length, 0);
    });
  }
});

describe('a response that is an acknowledgement', () => {
  const cases: { title: string; answer: Answer }[] = [
    { title: '200 with JSON', answer: success },
    { title: '202 without a content type', answer: answering(202, {}, 'ok') },
    { title: '204 without a body', answer: answering(204) },
    {
      title: '200 in single bytes',
      answer: (response) => trickle(response, [...'{"success":true}']),
    },
    { title: '200 with exactly 64 KB', answer: answering(200, {}, ' '.repeat(64 * 1024)) },
  ];
  for (const { title, answer } of cases) {
    it(title, async (t) => {
      const { url } = await endpoint(t, answer);
      const { deliver, acknowledged } = setup(t, url);
      await deliver();
      assert.equal(acknowledged.length, 1);
    });
  }
});

describe('a missing response', () => {
  interface Case {
    readonly title: string;
    readonly server: (t: TestContext) => Promise<URL>;
    readonly message: string;
    readonly timeoutMs?: number;
  }
  const cases: readonly Case[] = [
    {
      title: 'refused',
      message: 'connection refused',
      async server(t) {
        const server = net.createServer();
        const { url } = await listening(server, t);
        server.close();
        await once(server, 'close');
        return url;
      },
    },
    {
      title: 'a black hole',
      message: 'no response within 0.1 s',
      timeoutMs: 100,
      server: async (t) => (await listening(net.createServer(), t)).url,
    },
    {
      title: 'a response whose body never ends',
      message: 'no response within 0.1 s',
      timeoutMs: 100,
      async server(t) {
        return (await endpoint(t, (response) => drip(t, response.writeHead(200)))).url;
      },
    },
    {
      title: 'a response lost after the request was accepted',
      message: 'connection lost before the response',
      server: async (t) => (await endpoint(t, (response) => response.destroy())).url,
    },
    {
      title: 'a response that breaks off',
      message: 'connection lost before the response',
      async server(t) {
        const answer: Answer = (response) => {
          response.writeHead(200, { 'content-length': '10' });
          response.write('{', () => response.destroy());
        };
        return (await endpoint(t, answer)).url;
      },
    },
    {
      title: 'a protocol other than HTTP',
      message: 'response is not HTTP',
      async server(t) {
        const server = net.createServer((socket) => socket.end('220 smtp.example ESMTP\r\n'));
        return (await listening(server, t)).url;
      },
    },
    {
      title: 'an untrusted certificate',
      message: 'certificate not trusted',
      async server(t) {
        const server = https.createServer(selfSigned(), receive([], success));
        return (await listening(server, t, 'https')).url;
      },
    },
    {
      title: 'an address with another scheme',
      message: 'address is neither http nor https',
      server: async () => new URL('ftp://127.0.0.1'),
    },
    {
      title: 'a port that is reserved for another protocol',
      message: 'port forbidden by the fetch standard',
      server: async () => new URL('http://127.0.0.1:22'),
    },
  ];
  for (const { title, server, message, timeoutMs } of cases) {
    it(title, async (t) => {
      const endpoint = await server(t);
      endpoint.username = 'someone';
      endpoint.password = 'secret';
      endpoint.search = '?token=secret';
      const { deliver, acknowledged } = setup(t, endpoint, timeoutMs);
      const error = await rejection(deliver());
      assert.ok(error instanceof TemporaryDeliveryError);
      assert.equal(error.message, message);
      assert.equal(error.retryAfterMs, undefined);
      assert.doesNotMatch(String(error.stack), /secret|the-write-key/);
      assert.equal(acknowledged.length, 0);
    });
  }

  it('keeps the cause', async (t) => {
    const { url } = await endpoint(t, (response) => response.destroy());
    const error = await rejection(setup(t, url).deliver());
    assert.ok(error.cause instanceof Error);
  });
});

describe('a body that never ends', () => {
  const heads = [
    ['HTTP/1.1 400 Bad Request', 'answered 400'],
    ['HTTP/1.1 500 Error', 'answered 500'],
    ['HTTP/1.1 302 Found\r\nLocation: /login', 'redirected to another address (a login page?)'],
    ['HTTP/1.1 200 OK', 'response longer than 64 KB'],
    ['HTTP/1.0 200 OK', 'response longer than 64 KB'],
    ['HTTP/1.1 407 Authenticate', 'answered 407'],
    ['HTTP/1.1 200 OK\r\nX:', 'response headers too long'],
  ] as const;
  for (const [head, message] of heads) {
    it(`is not read: ${head.replace('\r\n', ', ')}`, async (t) => {
      const ended = Promise.withResolvers<number>();
      const server = net.createServer((socket) => {
        socket.on('error', () => {}).on('close', () => ended.resolve(socket.bytesWritten));
        socket.once('data', () => pour(socket, head));
      });
      const { url } = await listening(server, t);
      const { deliver } = delivery(t, { endpoint: url });
      assert.equal((await rejection(deliver(anEvent()))).message, message);
      // The socket's buffers. An endless body would have gigabytes.
      assert.ok((await ended.promise) < 32 * 1024 * 1024);
    });
  }

  for (const scheme of ['http', 'https']) {
    it(`of a proxy that answers 407 is not read, for an ${scheme} address`, async (t) => {
      const ended = Promise.withResolvers<number>();
      const server = net.createServer((socket) => {
        socket.on('error', () => {}).on('close', () => ended.resolve(socket.bytesWritten));
        socket.once('data', () => pour(socket, 'HTTP/1.1 407 Authenticate'));
      });
      const { url } = await listening(server, t);
      const endpoint = new URL(`${scheme}://127.0.0.1:4443`);
      const { deliver } = delivery(t, { endpoint, environment: { HTTP_PROXY: url.href } });
      assert.equal((await rejection(deliver(anEvent()))).message, 'the proxy answered 407');
      assert.ok((await ended.promise) < 32 * 1024 * 1024);
    });
  }

  it('that claims to be brotli and is not is an error', async (t) => {
    const { url } = await endpoint(t, answering(200, { 'content-encoding': 'br' }, 'garbage'));
    const error = await rejection(setup(t, url).deliver());
    assert.equal(error.message, 'response body cannot be decoded');
  });
});

describe('after a failure', () => {
  it('the same message can be delivered again', async (t) => {
    let answers = 0;
    const { url, received } = await endpoint(t, (response, request) => {
      answers += 1;
      if (answers === 1) response.destroy();
      else success(response, request);
    });
    const { deliver, acknowledged } = setup(t, url);
    await rejection(deliver());
    await deliver();
    assert.deepEqual(
      received.map(({ messageIds }) => messageIds),
      [['a-message'], ['a-message']],
    );
    assert.equal(acknowledged.length, 1);
  });

  const answers: { title: string; answer: Answer }[] = [
    { title: '500 with a long body', answer: answering(500, {}, 'x'.repeat(1_000_000)) },
    { title: '500 without a body', answer: answering(500) },
    { title: '200 with a long body', answer: answering(200, {}, 'x'.repeat(1_000_000)) },
    { title: 'no response', answer: () => {} },
  ];
  for (const { title, answer } of answers) {
    it(`no connection stays open: ${title}`, async (t) => {
      const { url, sockets, drained } = await endpoint(t, answer);
      const { deliver, outbound } = delivery(t, { endpoint: url, timeoutMs: 20 });
      for (let count = 0; count < 10; count++) await rejection(deliver(anEvent()));
      assert.ok(sockets.size <= MAX_CONNECTIONS, `${sockets.size} are open`);
      await outbound.close();
      await drained();
      assert.equal(sockets.size, 0);
    });
  }
});

function trickle(response: NodeJS.WritableStream, [char, ...rest]: string[]): void {
  if (char === undefined) response.end();
  else response.write(char, () => setImmediate(trickle, response, rest));
}

function drip(t: TestContext, response: NodeJS.WritableStream): void {
  const dripping = setInterval(() => response.write(' '), 5);
  t.after(() => clearInterval(dripping));
}

/** Writes until the reader stops. */
function pour(socket: net.Socket, head: string): void {
  const chunk = 'x'.repeat(65_536);
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  socket.write(head.endsWith(':') ? head : `${head}\r\n\r\n`);
  more();
}
