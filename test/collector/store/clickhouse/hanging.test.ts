import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { openClickHouseStore } from '../../../../src/collector/store/clickhouse/clickhouse-store.ts';
import { systemTime } from '../../../../src/runtime/time.ts';
import { aBatch, anEvent, collector, NOW } from '../../setup.ts';

/** Opens a store in a server that responds like an empty ClickHouse, and hangs if a query has a certain text. */
async function setup(t: TestContext) {
  const state: { hangsAt?: RegExp; failsAt?: RegExp } = {};
  const requests: URL[] = [];
  const hanging: ServerResponse[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    requests.push(url);
    const query = `${url.searchParams.get('query') ?? ''} ${url.searchParams.has('query') ? '' : await text(request)}`;
    request.resume();
    if (state.hangsAt?.test(query)) return void hanging.push(response);
    if (state.failsAt?.test(query))
      return void response.writeHead(500).end('Code: 1. DB::Exception: full');
    response.end(/SELECT max\(version\)/.test(query) ? '{"version":1}\n' : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const failures: string[] = [];
  const store = await openClickHouseStore(
    { url: `http://127.0.0.1:${port}`, user: 'default', database: 'd' },
    {
      password: '',
      time: { ...systemTime, after: (_, run) => systemTime.after(0, run) },
      onFailure: (use, error) =>
        failures.push(`${use} ${error === undefined ? 'is back' : 'fails'}`),
    },
  );
  t.after(() => store.close());
  return { store, state, requests, hanging, failures };
}

const record = (messageId: string) =>
  [aBatch([anEvent({ messageId })]), { receivedAt: NOW }] as const;

describe('the store in a ClickHouse that hangs', () => {
  it('is alive, and is found to be unavailable before a probe gives up', async (t) => {
    const { store, state, hanging } = await setup(t);
    const { get } = collector({ store });
    state.hangsAt = /./;
    assert.equal((await get('/healthz')).status, 200);
    assert.equal(hanging.length, 0);
    const startedAt = performance.now();
    const probes = await Promise.all(Array.from({ length: 20 }, () => get('/readyz')));
    assert.deepEqual(new Set(probes.map(({ status }) => status)), new Set([503]));
    // It is 2 s on an idle machine.
    assert.ok(performance.now() - startedAt < 7_000);
    assert.equal(hanging.length, 1);
  });

  it('inserts and checks while reads hang', async (t) => {
    const { store, state, hanging, failures } = await setup(t);
    state.hangsAt = /FROM d.outcome GROUP BY name/;
    const reads = Array.from({ length: 30 }, () => store.read(() => {}));
    const events = Array.from({ length: 30 }, () => store.events({ after: '', limit: 1 }));
    await Promise.all(events);
    await store.record(...record('m-1'));
    await store.check();
    assert.equal(hanging.length, 1);
    for (const response of hanging) response.destroy();
    await Promise.allSettled(reads);
    assert.deepEqual(failures, ['read fails']);
  });

  it('reports inserts as failing until an insert succeeds, whatever is read', async (t) => {
    const { store, state, failures } = await setup(t);
    state.failsAt = /INSERT/;
    for (const id of ['m-1', 'm-2']) {
      await assert.rejects(store.record(...record(id)), { name: 'StoreUnavailable' });
      await store.check();
      await store.events({ after: '', limit: 1 });
    }
    delete state.failsAt;
    await store.record(...record('m-1'));
    assert.deepEqual(failures, ['insert fails', 'insert is back']);
  });

  it('never lets a replicated table drop an insert that equals one before it', async (t) => {
    const { store, requests } = await setup(t);
    await store.record(...record('m-1'));
    const inserts = requests.filter(({ searchParams }) =>
      searchParams.get('query')?.startsWith('INSERT'),
    );
    assert.ok(inserts.length > 0);
    for (const { searchParams } of inserts) {
      assert.equal(searchParams.get('insert_deduplicate'), '0');
    }
  });
});
