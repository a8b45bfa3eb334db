import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http, { type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { readClusterUid } from '../../src/cluster/cluster-uid.ts';
import { connect } from '../../src/cluster/connect.ts';
import { discovery } from '../../src/cluster/discover.ts';
import { KubeStatusError, MalformedResponseError } from '../../src/cluster/errors.ts';
import { leaseStore } from '../../src/cluster/lease.ts';
import { ledgerStore } from '../../src/cluster/ledger-configmap.ts';
import { firstBytes, jsonOf } from '../../src/cluster/response-body.ts';
import { systemTime } from '../../src/runtime/time.ts';
import { listening } from '../deliver/servers.ts';

const MIB = 1_048_576;
const SINGLE = 20_000;
const DATE = 'Mon, 23 Nov 2026 13:00:00 GMT';
const { signal } = new AbortController();

/** An API server whose bodies never end. */
async function setup(t: TestContext, status: number) {
  let written = 0;
  const server = http.createServer((_, response) => {
    response.on('error', () => undefined).writeHead(status, { Date: DATE, 'Retry-After': '7' });
    pour(response);
  });
  function pour(response: ServerResponse): void {
    const chunk = Buffer.alloc(65_536, ' ');
    written += chunk.length;
    if (response.write(chunk)) setImmediate(() => response.destroyed || pour(response));
    else response.once('drain', () => pour(response));
  }
  const { url, drained } = await listening(server, t);
  const folder = await mkdtemp(join(tmpdir(), 'body-'));
  t.after(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  const name = 'one';
  const config = {
    'current-context': name,
    clusters: [{ name, cluster: { server: url.origin } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  const { request, close } = connect({ kubeconfig });
  t.after(close);
  return { request, drained, written: () => written };
}

describe('a body that never ends', () => {
  for (const status of [403, 410, 429, 500]) {
    it(`of a ${status} is dropped after its first bytes, with its connection`, async (t) => {
      const { request, drained, written } = await setup(t, status);
      await assert.rejects(
        request('/', { signal }),
        (error) =>
          error instanceof KubeStatusError &&
          error.status === status &&
          error.retryAfterMs === 7_000 &&
          error.date === DATE,
      );
      await drained();
      assert.ok(written() < 16 * MIB, `${written()} bytes`);
    });
  }

  type Request = Awaited<ReturnType<typeof setup>>['request'];
  const readers: Readonly<Record<string, (request: Request) => Promise<unknown>>> = {
    'the discovery': (request) => discovery({ request, time: systemTime })(signal),
    'the namespace': (request) => readClusterUid(request, signal),
    'the lease': (request) => leaseStore({ request, namespace: 'n' }).read(signal),
    'the ledger': (request) => ledgerStore({ request, namespace: 'n' }).read(signal),
    'the created ledger': (request) => ledgerStore({ request, namespace: 'n' }).create(signal),
  };
  for (const [title, read] of Object.entries(readers)) {
    it(`of ${title} is refused, with its connection`, async (t) => {
      const { request, drained, written } = await setup(t, 200);
      await assert.rejects(read(request), new MalformedResponseError('sent a body without end'));
      await drained();
      assert.ok(written() < 32 * MIB, `${written()} bytes`);
    });
  }
});

describe('a body that is read whole', () => {
  it('is parsed as JSON, for any cuts', async () => {
    const chunks = [...Buffer.from('{"a":"ü"}')].map((byte) => Buffer.of(byte));
    assert.deepEqual(await jsonOf(Readable.from(chunks)), { a: 'ü' });
  });

  it('is refused if it is not JSON', async () => {
    const html = Readable.from([Buffer.from('<html>')]);
    await assert.rejects(jsonOf(html), new MalformedResponseError('sent a body that is not JSON'));
  });

  it('uses no more memory in single bytes than in one piece', async () => {
    const single = (function* bytes() {
      for (let count = 0; count < SINGLE; count += 1) yield Buffer.from(' ');
    })();
    const body = Readable.from(single, { objectMode: true });
    const { bytes, ended } = await firstBytes(body, { limit: SINGLE, timeoutMs: 60_000 });
    assert.deepEqual([bytes.length, ended], [SINGLE, true]);
    assert.ok(bytes.buffer.byteLength <= 2 * SINGLE);
  });

  it('is refused if it is too slow', async () => {
    const slow = new Readable({ read() {} });
    slow.push(Buffer.from('{'));
    await assert.rejects(
      firstBytes(slow, { limit: 10, timeoutMs: 1 }),
      new MalformedResponseError('sent a body too slowly'),
    );
    assert.ok(slow.destroyed);
  });
});
