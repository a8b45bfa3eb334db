import assert from 'node:assert/strict';
import net from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { Analytics } from '@segment/analytics-node';
import { LIBRARY } from '../../src/deliver/payload.ts';
import { preview } from '../../src/deliver/preview.ts';
import { anEvent } from './events.ts';
import { listening } from './servers.ts';
import { delivery } from './setup.ts';

/** Returns the bytes that arrive at a TCP server that always responds with 200. */
async function setup(t: TestContext, path = '') {
  const bytes: Buffer[] = [];
  const server = net.createServer((socket) => {
    socket.on('data', (chunk) => {
      bytes.push(chunk);
      if (chunk.at(-1) === '}'.charCodeAt(0)) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
    });
  });
  const { url } = await listening(server, t);
  const { deliver } = delivery(t, { endpoint: new URL(path, url) });
  await deliver(anEvent());
  const [head = '', body = ''] = Buffer.concat(bytes).toString().split('\r\n\r\n');
  return { host: url.host, head: head.split('\r\n'), body };
}

const MESSAGE = {
  messageId: 'a-message',
  anonymousId: 'ab'.repeat(32),
  userId: 'ab'.repeat(32),
  event: 'kusk-gateway',
  properties: { event: 'api-created' },
  timestamp: '2026-11-23T11:42:41.213Z',
  type: 'track',
  context: { library: { name: '@segment/analytics-node', version: '3.1.0' } },
  integrations: {},
};

describe('the bytes that are sent', () => {
  it('are these headers and no others', async (t) => {
    const { host, head, body } = await setup(t);
    assert.deepEqual(head, [
      'POST /v1/batch HTTP/1.1',
      `host: ${host}`,
      'connection: keep-alive',
      'accept: application/json',
      'accept-encoding: identity',
      'content-type: application/json',
      'user-agent: kusk-gateway-telemetry',
      'authorization: Basic dGhlLXdyaXRlLWtleTo=',
      `content-length: ${body.length}`,
    ]);
  });

  it('are this body and nothing else', async (t) => {
    const { body } = await setup(t);
    const { sentAt } = JSON.parse(body);
    assert.match(sentAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(body, JSON.stringify({ batch: [MESSAGE], writeKey: 'the-write-key', sentAt }));
  });

  it('go to the configured address', async (t) => {
    const { head } = await setup(t, '/collector/v1/batch?tenant=7');
    assert.equal(head[0], 'POST /collector/v1/batch?tenant=7 HTTP/1.1');
  });

  it('equal the output of the preview', () => {
    assert.equal(preview([anEvent()]), `${JSON.stringify(MESSAGE)}\n`);
  });

  it('name the library as the SDK does', async () => {
    const asked = Promise.withResolvers<string>();
    const analytics = new Analytics({
      writeKey: 'a-key',
      httpClient: {
        async makeRequest({ body }) {
          asked.resolve(body);
          return { status: 200, statusText: 'OK' };
        },
      },
    });
    analytics.track(anEvent());
    await analytics.flush();
    assert.deepEqual(JSON.parse(await asked.promise).batch[0].context.library, LIBRARY);
  });
});
