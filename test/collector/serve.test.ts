import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { Analytics } from '@segment/analytics-node';
import { serve } from '../../src/collector/serve.ts';
import { anEvent, collector, hash, outcomesOf, WRITE_KEY } from './setup.ts';

async function setup({ host = '127.0.0.1', graceMs = 60_000 } = {}) {
  const { app, store } = collector();
  const stop = new AbortController();
  const listening = Promise.withResolvers<string>();
  const run = serve(app, { host, port: 0, graceMs, onListening: listening.resolve });
  const ended = run(stop.signal);
  return { address: await listening.promise, store, stop, ended, run };
}

describe('serve', () => {
  it('accepts the events of the official Node SDK', async () => {
    const { address, store, stop, ended } = await setup();
    const analytics = new Analytics({
      writeKey: WRITE_KEY,
      host: `http://${address}`,
      flushInterval: 100,
    });
    const failures: unknown[] = [];
    analytics.on('error', (error) => failures.push(error));
    const { messageId, anonymousId, userId, event, properties } = anEvent();
    analytics.track({ messageId, anonymousId, userId, event, properties });
    analytics.track({ messageId, anonymousId, userId, event, properties });
    analytics.track({ anonymousId, userId, event, properties: { event: 'install' } });
    analytics.track({ anonymousId, userId: hash('b'), event, properties });
    await analytics.closeAndFlush();
    assert.deepEqual(failures, []);
    assert.deepEqual(await outcomesOf(store), {
      accepted: 2,
      duplicates: 1,
      'bad-user-id': 1,
    });
    stop.abort();
    await ended;
  });

  it('closes a connection that hangs after the grace period', async () => {
    const { address, stop, ended } = await setup({ graceMs: 1 });
    const [host = '', port = ''] = address.split(':');
    const socket = connect(Number(port), host);
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(
      'POST /v1/t HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
    );
    assert.match(String(await once(socket, 'data')), /100 Continue/);
    stop.abort();
    await ended;
    await closed;
  });

  it('does not start if it is already aborted', async () => {
    const { stop, ended, run } = await setup();
    stop.abort();
    await ended;
    await run(stop.signal);
  });

  it('rejects if the port is taken', async () => {
    const { address, stop, ended } = await setup();
    const { app } = collector();
    const port = Number(address.split(':')[1]);
    const run = serve(app, { host: '127.0.0.1', port, graceMs: 1, onListening: () => {} });
    await assert.rejects(run(stop.signal), /EADDRINUSE/);
    stop.abort();
    await ended;
  });

  it('reports an IPv6 address in brackets', async () => {
    const { address, stop, ended } = await setup({ host: '::1' });
    assert.match(address, /^\[::1\]:\d+$/);
    stop.abort();
    await ended;
  });
});
