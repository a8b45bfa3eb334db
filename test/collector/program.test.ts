import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, statSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../lab/support/eventually.ts';
import { programOf, sourceOf } from '../../lab/support/programs.ts';
import type { TelemetryEvent } from '../../src/event.ts';
import { aFile, launch, runOnce, start } from './program.ts';
import { anEvent, basic, WRITE_KEY } from './setup.ts';

async function send(url: string, batch: readonly TelemetryEvent[]): Promise<boolean> {
  const headers = { Authorization: basic(WRITE_KEY) };
  const body = JSON.stringify({ batch });
  const response = await fetch(`${url}/v1/batch`, { method: 'POST', headers, body });
  await response.text();
  return response.ok;
}

async function storedIn(url: string): Promise<readonly string[]> {
  const text = await (await fetch(`${url}/v1/events?limit=10000`)).text();
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line).messageId);
}

interface SendAllOptions {
  readonly url: string;
  readonly onAcknowledged: (number: number) => void;
}

/** Sends batches until none is left or one fails. The failed batch stays in `todo`, as in a client. */
async function sendAll(todo: number[], { url, onAcknowledged }: SendAllOptions): Promise<void> {
  for (let number = todo.pop(); number !== undefined; number = todo.pop()) {
    if (!(await send(url, batchOf(number)).catch(() => false))) return void todo.push(number);
    onAcknowledged(number);
  }
}

/** For tests with many processes: the bundle starts faster, and what it covers others cover too. */
const UNCOVERED = { program: programOf('kusk-collector') };

function batchOf(number: number): readonly TelemetryEvent[] {
  return Array.from({ length: 20 }, (_, i) =>
    anEvent({ messageId: `m-${number}-${i}`, subject: `${number % 7}` }),
  );
}

/** What a ClickHouse with empty tables responds to queries. */
const ROWS = [
  [/SELECT max\(version\)/, '{"version":1}'],
  [/SELECT count\(\) AS count/, '{"count":"0"}'],
] as const;

/** Listens in the place of a ClickHouse that is away, and appears later with its tables. */
async function aClickHouse(t: TestContext) {
  const queries: string[] = [];
  let isThere = false;
  const server = createServer(async (incoming, response) => {
    if (!isThere) return void incoming.destroy();
    const { searchParams } = new URL(incoming.url ?? '', 'http://127.0.0.1');
    const query = searchParams.get('query') ?? (await text(incoming));
    incoming.resume();
    queries.push(query);
    const row = ROWS.find(([pattern]) => pattern.test(query));
    response.end(row ? `${row[1]}\n` : '');
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    clickHouse: `clickhouse://u@127.0.0.1:${port}/d`,
    queries,
    appear() {
      isThere = true;
    },
  };
}

describe('kusk-collector', () => {
  it('logs its address first, and exits with 0 on SIGTERM and SIGINT', async (t) => {
    const file = aFile(t);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { url, output, end } = await start(t, { file });
      assert.ok(await send(url, batchOf(1)));
      assert.equal(await end(signal), 0, output.join('\n'));
      assert.match(output.at(-1) ?? '', /"stopped"/);
      assert.equal(output.join().includes(WRITE_KEY), false);
      assert.equal(existsSync(`${file}-wal`), false);
    }
  });

  it('creates what only its owner can read, also copies, and leaves the mode of what exists', async (t) => {
    const file = aFile(t);
    const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
    const { url, end } = await start(t, { file });
    assert.ok(await send(url, batchOf(1)));
    const files = [file, `${file}-wal`, `${file}-shm`];
    assert.deepEqual(files.map(modeOf), ['600', '600', '600']);
    const folder = join(dirname(file), 'backups/');
    const { out } = await runOnce(t, ['backup', folder, '--database', file]);
    assert.deepEqual([folder, out.trim()].map(modeOf), ['700', '600']);
    await end('SIGTERM');
    chmodSync(file, 0o640);
    const again = await start(t, { file });
    assert.ok(await send(again.url, batchOf(2)));
    assert.deepEqual(files.map(modeOf), ['640', '640', '640']);
  });

  it('exits with 0 on a SIGTERM while it loads', async (t) => {
    const hook = fileURLToPath(new URL('../../lab/support/signal-at-import.ts', import.meta.url));
    const args = ['--listen', ':0', '--database', aFile(t), '--write-key', WRITE_KEY];
    const child = launch(t, args, {
      program: sourceOf('kusk-collector'),
      nodeArgs: ['--import', hook],
    });
    assert.deepEqual(await once(child, 'close'), [0, null]);
  });

  it('continues after the reader of its log has exited', async (t) => {
    const { url, child, end } = await start(t, { file: aFile(t) });
    child.stdout?.destroy();
    child.stderr?.destroy();
    for (let number = 0; number < 20; number += 1) assert.ok(await send(url, batchOf(number)));
    assert.equal((await storedIn(url)).length, 20 * 20);
    assert.equal(await end('SIGTERM'), 0);
  });

  it('stores a pending request after SIGTERM', async (t) => {
    const { url, end } = await start(t, { file: aFile(t) });
    const body = JSON.stringify({ batch: batchOf(1) });
    const sending = request(`${url}/v1/batch`, {
      method: 'POST',
      headers: { Authorization: basic(WRITE_KEY), Expect: '100-continue' },
    });
    const responded = once(sending, 'response');
    sending.flushHeaders();
    await once(sending, 'continue');
    const ended = end('SIGTERM');
    sending.end(body);
    const [response] = await responded;
    assert.equal(response.statusCode, 200);
    assert.equal(await ended, 0);
  });

  it('keeps every acknowledged event once after SIGKILLs during requests', async (t) => {
    const file = aFile(t);
    const acknowledged = new Set<number>();
    const todo = Array.from({ length: 240 }, (_, number) => number).reverse();
    for (const killAt of [30, 61, 100, 160, Number.POSITIVE_INFINITY]) {
      const { url, end } = await start(t, { file }, [], UNCOVERED);
      let ended: Promise<unknown> | undefined;
      function onAcknowledged(number: number): void {
        acknowledged.add(number);
        if (acknowledged.size === killAt) ended = end('SIGKILL');
      }
      const senders = Array.from({ length: 4 }, () => sendAll(todo, { url, onAcknowledged }));
      await Promise.all(senders);
      await (ended ?? end('SIGTERM'));
      const again = await start(t, { file }, [], UNCOVERED);
      const stored = await storedIn(again.url);
      assert.equal(new Set(stored).size, stored.length);
      const wanted = [...acknowledged].flatMap(batchOf).map(({ messageId }) => messageId);
      assert.deepEqual(new Set(wanted).difference(new Set(stored)), new Set());
      await again.end('SIGTERM');
    }
    assert.equal(acknowledged.size, 240);
    const { url } = await start(t, { file }, [], UNCOVERED);
    const { total, received } = (await (await fetch(`${url}/v1/numbers`)).json()) as {
      total: { activeClusters: number };
      received: { accepted: number };
    };
    assert.equal(received.accepted, 240 * 20);
    assert.equal(total.activeClusters, 7);
  });

  it('opens one new file in three processes at the same time, and stores from all of them', async (t) => {
    const file = aFile(t);
    const programs = await Promise.all([1, 2, 3].map(() => start(t, { file }, [], UNCOVERED)));
    const sent = programs.flatMap(({ url }, i) =>
      [1, 2, 3, 4].map((j) => send(url, batchOf(i + j))),
    );
    assert.deepEqual(new Set(await Promise.all(sent)), new Set([true]));
    assert.equal((await storedIn(programs[0]?.url ?? '')).length, 6 * 20);
  });

  const cases = [
    { args: ['--help'], code: 0, out: /^Receives.*--write-key/s, err: /^$/ },
    { args: ['--version'], code: 0, out: /^\d+\.\d+\.\d+\n$/, err: /^$/ },
    { args: ['--what'], code: 2, out: /^$/, err: /^kusk-collector: .*--what/ },
    { args: [], code: 2, out: /^$/, err: /--write-key KEY/ },
    {
      args: ['--write-key=k', '--database=/dev/null/x'],
      code: 1,
      out: /^$/,
      err: /cannot be used/,
    },
  ];
  for (const { args, code, out, err } of cases) {
    it(`exits with ${code} for "${args.join(' ')}"`, async (t) => {
      const ended = await runOnce(t, args);
      assert.equal(ended.code, code);
      assert.match(ended.out, out);
      assert.match(ended.err, err);
    });
  }

  it('listens while ClickHouse is away at its start, until it is there', async (t) => {
    const { clickHouse, appear } = await aClickHouse(t);
    const { url, output, end } = await start(t, { clickHouse });
    const responseOf = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${url}${path}`, init);
      await response.text();
      return [response.status, response.headers.get('retry-after')];
    };
    const headers = { Authorization: basic(WRITE_KEY) };
    const sent = { method: 'POST', headers, body: JSON.stringify({ batch: [anEvent()] }) };
    assert.deepEqual(await responseOf('/healthz'), [200, null]);
    assert.deepEqual(await responseOf('/readyz'), [503, '1']);
    assert.deepEqual(await responseOf('/v1/batch', sent), [503, '1']);
    await eventually(() => assert.match(output.join('\n'), /"the store is away: senders get 503/));

    appear();
    await eventually(async () => assert.deepEqual(await responseOf('/readyz'), [200, null]));
    assert.deepEqual(await responseOf('/v1/batch', sent), [200, null]);
    assert.match(output.join('\n'), /"the store is there"/);
    assert.equal(await end('SIGTERM'), 0);
  });

  it('removes old events as soon as ClickHouse is open, and warns of nothing', async (t) => {
    const { clickHouse, queries, appear } = await aClickHouse(t);
    appear();
    const { output, end } = await start(t, { clickHouse }, ['--keep-events=30']);
    await eventually(() =>
      assert.match(queries.join('\n'), /SELECT count\(\) AS count .* removed = 0/),
    );
    assert.equal(await end('SIGTERM'), 0);
    assert.deepEqual(
      output.map((line) => JSON.parse(line).msg),
      ['listening', 'stopped'],
    );
  });

  it('ends on a SIGTERM while ClickHouse is away at its start', async (t) => {
    const { output, end } = await start(t, { clickHouse: 'clickhouse://u@127.0.0.1:1/d' });
    await eventually(() => assert.match(output.join('\n'), /cannot be used: .*ECONNREFUSED/));
    assert.equal(await end('SIGTERM'), 0);
  });

  it('ends with 1 if a newer version has written the database in ClickHouse', async (t) => {
    const newer = createServer((incoming, response) => {
      incoming.resume();
      response.end('{"version":99}\n');
    });
    t.after(() => newer.close());
    await once(newer.listen(0, '127.0.0.1'), 'listening');
    const { port } = newer.address() as AddressInfo;
    const store = `--store=clickhouse://u@127.0.0.1:${port}/d`;
    const { code, err } = await runOnce(t, ['--listen', ':0', store, '--write-key', WRITE_KEY]);
    assert.equal(code, 1);
    assert.match(err, /newer version \(schema 99/);
  });

  it('exits with 1 if its port is taken', async (t) => {
    const { url } = await start(t, { file: aFile(t) });
    const args = ['--listen', new URL(url).host, '--database=:memory:', '--write-key=k'];
    const { code, err } = await runOnce(t, args);
    assert.equal(code, 1);
    assert.match(err, /EADDRINUSE/);
  });
});
