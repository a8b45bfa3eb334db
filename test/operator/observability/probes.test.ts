import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { Kind } from '../../../src/event.ts';
import {
  type Health,
  isAlive,
  isReady,
  type KindHealth,
  newHealth,
} from '../../../src/operator/observability/health.ts';
import { metrics } from '../../../src/operator/observability/metrics.ts';
import {
  metricsPage,
  type Pages,
  probes,
  serve,
} from '../../../src/operator/observability/probes.ts';

const FIVE_MINUTES = 300_000;

function kind(over: Partial<KindHealth> = {}): KindHealth {
  return { state: 'watching', settled: true, progressAt: 0, ...over };
}

function healthWith(over: Partial<Health> & { readonly all?: readonly KindHealth[] } = {}): Health {
  const { all = [], ...rest } = over;
  const names: readonly Kind[] = ['API', 'StaticRoute', 'EnvoyFleet'];
  const kinds = new Map(all.map((one, index) => [names[index] ?? 'API', one]));
  return { ...newHealth(), kinds, ...rest };
}

describe('ready', () => {
  const cases: readonly {
    title: string;
    given: Parameters<typeof healthWith>[0];
    ready: boolean;
  }[] = [
    { title: 'immediately if telemetry is off', given: { consent: false }, ready: true },
    {
      title: 'immediately if there is nothing to do',
      given: { consent: true, idle: true },
      ready: true,
    },
    { title: 'not before the switches have been read', given: {}, ready: false },
    { title: 'not before it leads or follows', given: { consent: true }, ready: false },
    { title: 'when it follows', given: { consent: true, following: true }, ready: true },
    {
      title: 'not while it leads and has no kind yet',
      given: { consent: true, leading: true },
      ready: false,
    },
    {
      title: 'not while it leads and has not listed every kind',
      given: { consent: true, leading: true, all: [kind(), kind({ settled: false })] },
      ready: false,
    },
    {
      title: 'when it leads and has listed every kind, even if the endpoint fails',
      given: {
        consent: true,
        leading: true,
        all: [kind(), kind()],
        failed: 1_000,
        pending: () => 9_999,
      },
      ready: true,
    },
    {
      title: 'not while the queue is full and a kind is not listed',
      given: {
        consent: true,
        leading: true,
        all: [kind(), kind({ settled: false })],
        full: () => true,
      },
      ready: false,
    },
    {
      title: 'when it has listed every kind, even if a watch fails afterwards',
      given: { consent: true, leading: true, all: [kind({ state: 'failing' })] },
      ready: true,
    },
  ];
  for (const { title, given, ready } of cases) {
    it(`is ${title}`, () => assert.equal(isReady(healthWith(given)), ready));
  }
});

describe('alive', () => {
  const stuck = [kind(), kind({ progressAt: 1 })];
  const cases: readonly {
    title: string;
    given: Parameters<typeof healthWith>[0];
    alive: boolean;
  }[] = [
    {
      title: 'a leader whose watches make progress',
      given: { leading: true, all: [kind({ progressAt: 2 })] },
      alive: true,
    },
    {
      title: 'not a leader with a watch that hangs',
      given: { leading: true, all: stuck },
      alive: false,
    },
    { title: 'a replica that does not lead', given: { all: stuck }, alive: true },
    {
      title: 'a leader whose watches are paused by a full queue',
      given: { leading: true, all: stuck, full: () => true },
      alive: true,
    },
  ];
  for (const { title, given, alive } of cases) {
    it(`is ${title}`, () => assert.equal(isAlive(healthWith(given), FIVE_MINUTES + 1), alive));
  }

  it('is a leader until five minutes have passed', () => {
    const health = healthWith({ leading: true, all: [kind({ progressAt: 5 })] });
    assert.ok(isAlive(health, FIVE_MINUTES + 4));
    assert.ok(!isAlive(health, FIVE_MINUTES + 5));
  });
});

async function listening(t: TestContext, pages: Pages) {
  const server = await serve(pages, { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  return { server, url: `http://127.0.0.1:${server.port}` };
}

describe('the pages', () => {
  it('return 200 if all is well, 503 with a reason if not, and 404 for any other path', async (t) => {
    const health = healthWith({ consent: true, leading: true, all: [kind({ settled: false })] });
    let steady = 0;
    const { url } = await listening(
      t,
      probes(health, () => steady),
    );
    const ask = async (path: string) => {
      const response = await fetch(`${url}${path}`);
      return `${response.status} ${await response.text()}`;
    };
    assert.equal(await ask('/readyz'), '503 the first list is not done\n');
    assert.equal(await ask('/healthz?verbose'), '200 ok\n');
    health.kinds.set('API', kind());
    steady = FIVE_MINUTES;
    assert.equal(await ask('/readyz'), '200 ok\n');
    assert.equal(await ask('/healthz'), '503 a watch has made no progress for five minutes\n');
    assert.equal(await ask('/else'), '404 not found\n');
    assert.equal(await ask('/constructor'), '404 not found\n');
  });

  it('return the current metrics', async (t) => {
    const health = healthWith({ consent: true, leading: true });
    const { url } = await listening(t, metricsPage(metrics(health)));
    const read = async () => {
      const response = await fetch(`${url}/metrics`);
      assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=/);
      const lines = (await response.text()).split('\n');
      return lines.filter((line) => line !== '' && !line.startsWith('#'));
    };
    assert.deepEqual(await read(), [
      'kusk_telemetry_events_pending 0',
      'kusk_telemetry_last_delivery_timestamp_seconds Nan',
      'kusk_telemetry_leader 1',
      'kusk_telemetry_consent 1',
      'kusk_telemetry_events_delivered_total 0',
      'kusk_telemetry_events_failed_total 0',
      'kusk_telemetry_events_refused_total 0',
    ]);
    Object.assign(health, {
      delivered: 7,
      failed: 2,
      refused: 1,
      deliveredAt: 60_000,
      leading: false,
      consent: false,
    });
    health.pending = () => 3;
    health.restarts.set('expired', 2).set('error', 5);
    for (const _ of [1, 2]) {
      assert.deepEqual(await read(), [
        'kusk_telemetry_events_pending 3',
        'kusk_telemetry_last_delivery_timestamp_seconds 60',
        'kusk_telemetry_leader 0',
        'kusk_telemetry_consent 0',
        'kusk_telemetry_events_delivered_total 7',
        'kusk_telemetry_events_failed_total 2',
        'kusk_telemetry_events_refused_total 1',
        'kusk_telemetry_watch_restarts_total{reason="expired"} 2',
        'kusk_telemetry_watch_restarts_total{reason="error"} 5',
      ]);
    }
  });

  it('survive an invalid request and an unusual path', async (t) => {
    const { url, server } = await listening(
      t,
      probes(healthWith({ consent: false }), () => 0),
    );
    for (const request of ['garbage\r\n\r\n', 'GET // HTTP/1.1\r\nHost: x\r\n\r\n']) {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      socket.end(request);
      await once(socket, 'close');
    }
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
  });

  it('reject if the address is in use', async (t) => {
    const { server } = await listening(
      t,
      probes(healthWith({ consent: false }), () => 0),
    );
    await assert.rejects(serve({}, { host: '127.0.0.1', port: server.port }), {
      code: 'EADDRINUSE',
    });
  });

  it('are closed at the end, even if a client is idle', async () => {
    const server = await serve({}, { host: '127.0.0.1', port: 0 });
    const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    await server.close();
    await assert.rejects(fetch(`http://127.0.0.1:${server.port}/`));
    socket.destroy();
  });
});
