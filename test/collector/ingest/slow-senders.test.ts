import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type Program, start } from '../program.ts';
import { anEvent, basic, WRITE_KEY } from '../setup.ts';

const MANY = 2_000;
const SOME = 400;
/** The time of one test on a busy machine, in milliseconds. */
const LIMIT = { timeout: 300_000 };
const GROUP = 200;
/** The most that a batch may have. */
const LARGEST = 500 * 1024;
const POST = 'POST /v1/batch HTTP/1.1\r\nHost: collector\r\n';
const KEY = `Authorization: ${basic(WRITE_KEY)}\r\n`;

/** The text that a slow sender writes before it stops. */
const SLOW = [
  {
    title: 'one byte of a body',
    count: MANY,
    text: `${POST}Content-Length: ${LARGEST}\r\n\r\n{`,
  },
  {
    title: 'one byte of a body, with a key',
    text: `${POST}${KEY}Content-Length: ${LARGEST}\r\n\r\n{`,
  },
  { title: 'half of a body', text: `${POST}Content-Length: 40000\r\n\r\n${' '.repeat(20_000)}` },
  { title: 'one chunk', text: `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n` },
  { title: 'half of its headers', text: `${POST}X-Slow: ` },
  { title: 'nothing', text: '' },
];

async function open(t: TestContext, { url }: Program, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
}

/** Opens the connections in groups, because a connection that is dropped before it is accepted never closes. */
async function crowd(
  t: TestContext,
  program: Program,
  { text, count }: { readonly text: string; readonly count: number },
): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const group = Array.from({ length: GROUP }, () => open(t, program, text));
    sockets.push(...(await Promise.all(group)));
  }
  return sockets;
}

/** Sends one batch after the other, as a client does. Returns the statuses. */
async function sendHonestly({ url }: Program, batches: number): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < batches; index += 1) {
    const body = JSON.stringify({ batch: [anEvent({ messageId: `honest-${index}` })] });
    const headers = { Authorization: basic(WRITE_KEY), Connection: 'close' };
    const response = await fetch(`${url}/v1/batch`, { method: 'POST', headers, body });
    await response.text();
    statuses.push(response.status);
  }
  return statuses;
}

function peakMiB({ pid }: Program): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

describe('an honest sender', () => {
  for (const { title, text, count = SOME } of SLOW) {
    it(`gets a response beside ${count} connections that send ${title}`, LIMIT, async (t) => {
      const program = await start(t, { file: ':memory:' });
      const sockets = await crowd(t, program, { text, count });
      assert.deepEqual(new Set(await sendHonestly(program, 20)), new Set([200]));
      const health = await fetch(`${program.url}/healthz`);
      assert.equal(health.status, 200);
      // Every slow connection is closed in the end.
      await Promise.all(sockets.map(closeOf));
    });
  }

  it(
    'gets a response beside connections that repeatedly fill the memory for bodies',
    LIMIT,
    async (t) => {
      const program = await start(t, { file: ':memory:' });
      const text = `${POST}Content-Length: ${LARGEST}\r\n\r\n${' '.repeat(LARGEST - 1)}`;
      for (let round = 0; round < 3; round += 1) {
        await Promise.all(Array.from({ length: 150 }, () => open(t, program, text)));
        assert.deepEqual(new Set(await sendHonestly(program, 5)), new Set([200]));
      }
    },
  );
});

/**
 * The chunks that are refused take some 250 MiB together. V8 decides how much of it is in memory at once, and does so by
 * the machine and its load: 10 MiB and 130 MiB were measured. If each chunk is kept, 700 MiB or more are.
 */
const MAX_GROWTH_MIB = 512;

describe('the memory', () => {
  const noProc = process.platform === 'linux' ? false : 'needs /proc';

  for (const size of [1, 16]) {
    it(`is not taken by bodies in chunks of ${size} bytes`, {
      ...LIMIT,
      skip: noProc,
    }, async (t) => {
      const program = await start(t, { file: ':memory:' });
      const before = peakMiB(program);
      const head = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
      const chunk = `${size.toString(16)}\r\n${' '.repeat(size)}\r\n`;
      const text = `${head}${chunk.repeat(LARGEST / size)}0\r\n\r\n`;
      const sockets = await Promise.all(Array.from({ length: 8 }, () => open(t, program, text)));
      const ended = sockets.map(responseOf);
      assert.deepEqual(new Set(await sendHonestly(program, 20)), new Set([200]));
      await Promise.all(ended);
      const grown = peakMiB(program) - before;
      assert.ok(grown < MAX_GROWTH_MIB, `memory grew by ${grown.toFixed(0)} MiB`);
    });
  }
});

/** Also resolves if the connection is reset, because the collector closes it while the body is on its way. */
function responseOf(socket: Socket): Promise<void> {
  const data = new Promise<void>((resolve) => socket.once('data', () => resolve()));
  return Promise.race([closeOf(socket), data]);
}

function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.resume().once('close', () => resolve());
  });
}
