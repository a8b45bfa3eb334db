import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { aFile, type Program, start } from './program.ts';
import { anEvent, basic, WRITE_KEY } from './setup.ts';

const BODY = JSON.stringify({ batch: [anEvent()] });
const LENGTH = `Content-Length: ${BODY.length}`;
const CHUNKED = 'Transfer-Encoding: chunked';
const IN_A_CHUNK = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
/** Longer than the time limit of a request. */
const LIMIT = { timeout: 60_000 };

interface RequestOptions {
  readonly version?: string;
  readonly body?: string;
}

/** Returns a request with a key and these header lines. */
function request(lines: readonly string[], { version = '1.1', body = BODY }: RequestOptions = {}) {
  const first = `POST /v1/batch HTTP/${version}`;
  const head = [first, 'Host: collector', `Authorization: ${basic(WRITE_KEY)}`, ...lines];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** Writes text to a new connection. Resolves with all received text once the server closes it. */
async function responsesTo(t: TestContext, { url }: Program, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    received += chunk;
  });
  // The server resets a connection that it closes with unread data.
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(text, 'latin1');
  await closed;
  return received;
}

async function acceptedBy({ url }: Program): Promise<number> {
  const numbers = await (await fetch(`${url}/v1/numbers`)).json();
  return (numbers as { readonly received: { readonly accepted: number } }).received.accepted;
}

describe('a request that two parsers can read in two ways', () => {
  const smuggled = [
    { title: 'a length and chunks', text: request([LENGTH, CHUNKED], { body: IN_A_CHUNK }) },
    { title: 'chunks and a length', text: request([CHUNKED, LENGTH], { body: IN_A_CHUNK }) },
    { title: 'two lengths', text: request([LENGTH, 'Content-Length: 3']) },
    { title: 'two equal lengths', text: request([LENGTH, LENGTH]) },
    { title: 'a list of lengths', text: request([`${LENGTH}, ${BODY.length}`]) },
    { title: 'a length with a sign', text: request([`Content-Length: +${BODY.length}`]) },
    { title: 'a length beyond 64 bits', text: request([`Content-Length: ${'9'.repeat(30)}`]) },
    { title: 'chunks that are not the last coding', text: request([`${CHUNKED}, identity`]) },
    { title: 'an unknown coding', text: request(['Transfer-Encoding: xchunked']) },
    { title: 'a blank before the colon', text: request([CHUNKED.replace(':', ' :')]) },
    { title: 'a folded line', text: request(['X-A: a\r\n b', LENGTH]) },
    { title: 'bare line feeds', text: request([LENGTH]).replaceAll('\r\n', '\n') },
    { title: 'a bare carriage return', text: request([`X-A: a\r${CHUNKED}`, LENGTH]) },
    { title: 'a NUL in a header', text: request(['X-A: a\0b', LENGTH]) },
    {
      title: 'bare line feeds between chunks',
      text: request([CHUNKED], { body: IN_A_CHUNK.replaceAll('\r\n', '\n') }),
    },
    {
      title: 'a chunk beyond 64 bits',
      text: request([CHUNKED], { body: `${'f'.repeat(20)}\r\n${BODY}\r\n0\r\n\r\n` }),
    },
  ];

  it('is refused and not stored, and its connection is closed', LIMIT, async (t) => {
    const program = await start(t, { file: aFile(t) });
    for (const { title, text } of smuggled) {
      const received = await responsesTo(t, program, `${text}${request([LENGTH])}`);
      assert.match(received, /^HTTP\/1\.1 400 /, title);
      assert.equal(received.split('HTTP/1.1 ').length - 1, 1, `${title}: ${received}`);
    }
    assert.equal(await acceptedBy(program), 0);
    const plain = await responsesTo(t, program, request([LENGTH, 'Connection: close']));
    assert.match(plain, /^HTTP\/1\.1 200 /);
    assert.equal(await acceptedBy(program), 1);
  });
});

describe('a sender of HTTP/1.0', () => {
  it('gets one response, also with Expect: 100-continue', LIMIT, async (t) => {
    const program = await start(t, { file: aFile(t) });
    for (const lines of [[LENGTH], [LENGTH, 'Expect: 100-continue']]) {
      const received = await responsesTo(t, program, request(lines, { version: '1.0' }));
      assert.match(received, /^HTTP\/1\.1 200 OK\r\n/, lines.join());
    }
  });
});

describe('requests that are sent without waiting for responses', () => {
  const get = 'GET /v1/numbers HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const last = get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
  const wrongKey = request([LENGTH]).replace(basic(WRITE_KEY), basic('wrong'));

  it('get their responses in order if there are few of them', LIMIT, async (t) => {
    const program = await start(t, { file: aFile(t) });
    const text = request([LENGTH]) + get.repeat(10) + last;
    const received = await responsesTo(t, program, text);
    const bodies = received.split('HTTP/1.1 200 OK').slice(1);
    assert.equal(bodies.length, 12);
    assert.match(bodies[0] ?? '', /\{"success":true\}$/);
    for (const body of bodies.slice(1)) assert.match(body, /"accepted":/);
  });

  for (const [title, text] of [
    ['from a reader', get],
    ['without a known key', wrongKey],
  ] as const) {
    it(`close their connection if there are thousands of them, ${title}`, LIMIT, async (t) => {
      const program = await start(t, { file: aFile(t) });
      const received = await responsesTo(t, program, text.repeat(5_000));
      const responses = received.split('HTTP/1.1 ').length - 1;
      assert.ok(responses < 1_000, `${responses} responses`);
      assert.equal((await fetch(`${program.url}/healthz`)).status, 200);
    });
  }
});
