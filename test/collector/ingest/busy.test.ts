import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { aFile, start } from '../program.ts';
import { anEvent, basic, WRITE_KEY } from '../setup.ts';

const HOLDER = join(import.meta.dirname, 'hold-database.ts');

/** Starts another process that locks the file until `end` is called. */
async function holdDatabase(t: TestContext, file: string) {
  const holder = spawn(process.execPath, [HOLDER, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => holder.kill('SIGKILL'));
  const closed = once(holder, 'close');
  await once(holder.stdout, 'data');
  return {
    async end() {
      holder.stdin.end();
      await closed;
    },
  };
}

async function setup(t: TestContext) {
  const file = aFile(t);
  const program = await start(t, { file });
  async function send(messageId: string) {
    const headers = { Authorization: basic(WRITE_KEY) };
    const body = JSON.stringify({ batch: [anEvent({ messageId })] });
    const response = await fetch(`${program.url}/v1/batch`, { method: 'POST', headers, body });
    await response.text();
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  }
  const statusOf = async (path: string) => (await fetch(`${program.url}${path}`)).status;
  return { ...program, file, send, statusOf };
}

describe('a database that another process writes to', () => {
  it('makes senders retry, and delays no probe and no reader', async (t) => {
    const { file, send, statusOf } = await setup(t);
    const holder = await holdDatabase(t, file);
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    const sent = Array.from({ length: 8 }, (_, index) => send(`m-${index}`));
    for (const one of sent) void one.then(note('sender'));
    const paths = ['/healthz', '/readyz', '/v1/numbers', '/healthz'];
    const probed = paths.map(async (path) => await statusOf(path));
    for (const one of probed) void one.then(note('probe'));
    assert.deepEqual(await Promise.all(probed), [200, 200, 200, 200]);
    const refused = { status: 503, retryAfter: '1' };
    assert.deepEqual(await Promise.all(sent), Array(8).fill(refused));
    assert.deepEqual(order, [...Array(4).fill('probe'), ...Array(8).fill('sender')]);
    await holder.end();
    for (let index = 0; index < 8; index += 1) {
      assert.equal((await send(`m-${index}`)).status, 200);
    }
  });

  it('delays a request if the lock is short', async (t) => {
    const { file, send, statusOf, url } = await setup(t);
    const holder = await holdDatabase(t, file);
    const sent = send('m-1');
    assert.equal(await statusOf('/healthz'), 200);
    const [{ status }] = await Promise.all([sent, holder.end()]);
    // On a slow machine the lock lasts too long, and the sender retries.
    if (status === 503) assert.equal((await send('m-1')).status, 200);
    const { received } = (await (await fetch(`${url}/v1/numbers`)).json()) as {
      received: { accepted: number };
    };
    assert.equal(received.accepted, 1);
  });

  it('can be vacuumed between requests', async (t) => {
    const { file, send } = await setup(t);
    const other = new DatabaseSync(file);
    t.after(() => other.close());
    for (let index = 0; index < 5; index += 1) {
      assert.equal((await send(`m-${index}`)).status, 200);
      other.exec('PRAGMA busy_timeout = 10000; VACUUM');
    }
  });
});

describe('a database that is gone', () => {
  it('acknowledges nothing more and fails its probes', async (t) => {
    const { file, send, statusOf, end, output } = await setup(t);
    assert.equal((await send('a')).status, 200);
    renameSync(file, `${file}.away`);
    assert.equal((await send('b')).status, 500);
    assert.deepEqual([await statusOf('/healthz'), await statusOf('/readyz')], [500, 503]);
    assert.match(output.join('\n'), /was deleted or replaced: restart/);
    renameSync(`${file}.away`, file);
    assert.equal((await send('b')).status, 200);
    rmSync(file);
    assert.equal((await send('c')).status, 500);
    assert.equal(await end('SIGTERM'), 0);
  });
});
