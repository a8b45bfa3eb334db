import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { closeIdleConnections } from '../../src/collector/idle-connections.ts';

/** More than the buffers of a connection hold. */
const LARGE = Buffer.alloc(32 * 1024 * 1024);

/** A server that does not respond by itself, and a connection to it. Neither has a timeout that ends during a test. */
async function setup(t: TestContext) {
  const server = createServer({ keepAliveTimeout: 0 });
  closeIdleConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  t.after(() => {
    client.destroy();
    server.close();
  });

  async function request(): Promise<[IncomingMessage, ServerResponse]> {
    client.write('GET / HTTP/1.1\r\nHost: collector\r\n\r\n');
    return (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  }
  return { server, client, socket, request, timeOut: () => server.emit('timeout', socket) };
}

describe('a connection on which nothing happens', () => {
  it('is closed before its first request', async (t) => {
    const { socket, timeOut } = await setup(t);
    timeOut();
    assert.ok(socket.destroyed);
  });

  it('is closed after its last response', async (t) => {
    const { client, socket, request, timeOut } = await setup(t);
    const [, response] = await request();
    response.end('done');
    await once(client, 'data');
    timeOut();
    assert.ok(socket.destroyed);
  });

  it('stays open while its response is not ready', async (t) => {
    const { client, socket, request, timeOut } = await setup(t);
    const [, response] = await request();
    timeOut();
    assert.ok(!socket.destroyed);
    response.end('done');
    assert.match(String(await once(client, 'data')), /200 OK/);
  });

  it('is closed if a response is not read, although another request waits', async (t) => {
    const { client, socket, request, timeOut } = await setup(t);
    client.pause();
    const [, response] = await request();
    response.end(LARGE);
    await request();
    timeOut();
    assert.ok(socket.destroyed);
  });

  it('is closed if the response that it waited for is not read', async (t) => {
    const { server, client, socket, request } = await setup(t);
    client.pause();
    const [, response] = await request();
    socket.setTimeout(1);
    await once(server, 'timeout');
    assert.ok(!socket.destroyed);
    response.end(LARGE);
    await once(socket, 'close');
  });
});
