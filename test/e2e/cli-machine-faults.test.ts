import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { accept, type Behaviour, refuse, startEndpoint } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { selfSigned } from '../deliver/certificate.ts';
import { proxy } from '../deliver/proxies.ts';
import { listening, type Received, receive, success } from '../deliver/servers.ts';
import { ARGS, buildKusk, COMMAND, type Machine, startMachine } from './kusk-machine.ts';

let kusk: Awaited<ReturnType<typeof buildKusk>>;
before(async () => {
  kusk = await buildKusk();
});
after(() => kusk.remove());

/** A machine on which the notice was seen, and its endpoint. */
async function setup(t: TestContext) {
  const endpoint = await startEndpoint();
  t.after(() => endpoint.close());
  const machine = startMachine(t, { program: kusk.program, endpoint: endpoint.url });
  await machine.seeNotice();
  return { ...machine, endpoint };
}

/** The names of the events that were accepted, each messageId once. */
function names(messages: readonly { messageId: string; properties: { event: string } }[]) {
  const once = new Map(messages.map(({ messageId, properties }) => [messageId, properties.event]));
  return [...once.values()].sort((a, b) => (a < b ? -1 : 1));
}

const BOTH = [COMMAND, 'install'];

describe('an endpoint that fails', { concurrency: 2 }, () => {
  const failures: readonly { readonly title: string; readonly behaviour: Behaviour }[] = [
    { title: 'hangs', behaviour: () => {} },
    {
      title: 'never ends its response',
      behaviour: (_, response) => void response.writeHead(200).write('{'),
    },
    { title: 'has an error', behaviour: refuse(500) },
    { title: 'wants fewer requests', behaviour: refuse(429, { 'Retry-After': '60' }) },
    { title: 'redirects', behaviour: refuse(302, { Location: 'http://127.0.0.1:9/' }) },
    { title: 'closes the connection', behaviour: (_, __, socket) => socket.destroy() },
  ];
  for (const { title, behaviour } of failures) {
    it(`changes nothing for the command if it ${title}, and gets all of it later`, async (t) => {
      const machine = await setup(t);
      const { run, endpoint } = machine;
      const expected = await run({ env: { ANALYTICS_ENABLED: 'false' } });
      endpoint.behave(behaviour);
      const ran = await run();
      assert.deepEqual([ran.code, ran.out, ran.err], [expected.code, expected.out, expected.err]);
      await machine.gone();
      assert.equal(endpoint.arrivals.length, 1);
      assert.deepEqual(endpoint.accepted, []);

      endpoint.behave(accept);
      await run();
      await machine.sent();
      assert.deepEqual(names(endpoint.accepted), BOTH);
      assert.equal(endpoint.accepted.length, 2);
      assert.deepEqual(machine.names('spool'), []);
    });
  }

  const absences = [
    { title: 'is not there at first', url: 'http://127.0.0.1:9' },
    { title: 'has a name that is not found at first', url: 'http://telemetry.invalid' },
  ];
  for (const { title, url } of absences) {
    it(`${title}: the events stay in the spool, and arrive once later`, async (t) => {
      const machine = await setup(t);
      await machine.run({ env: { ANALYTICS_ENDPOINT: url } });
      await machine.gone();
      assert.equal(machine.names('spool').length, 2);
      assert.deepEqual(machine.names('sent'), []);

      await machine.run();
      await machine.sent();
      assert.deepEqual(names(machine.endpoint.accepted), BOTH);
      assert.equal(machine.endpoint.accepted.length, 2);
      assert.deepEqual(machine.names('spool'), []);
    });
  }

  it('has a certificate that only NODE_EXTRA_CA_CERTS makes trusted', async (t) => {
    const machine = await setup(t);
    const { key, cert } = selfSigned();
    const received: Received[] = [];
    const server = https.createServer({ key, cert }, receive(received, success));
    const { url } = await listening(server, t, 'https');
    const env = { ANALYTICS_ENDPOINT: url.href };
    await machine.run({ env });
    await machine.gone();
    assert.equal(received.length, 0);
    const file = join(machine.home, 'ca.pem');
    writeFileSync(file, cert);
    await machine.run({ env: { ...env, NODE_EXTRA_CA_CERTS: file } });
    await machine.sent({ env: { ...env, NODE_EXTRA_CA_CERTS: file } });
    assert.equal(received[0]?.messageIds.length, 2);
  });

  it('is behind a proxy', async (t) => {
    const machine = await setup(t);
    const { url, asked } = await proxy(t);
    const { endpoint, run } = machine;
    await run({ env: { HTTP_PROXY: url.href } });
    await machine.gone();
    assert.equal(asked.length, 1);
    assert.deepEqual(names(endpoint.accepted), BOTH);
  });
});

/** Arguments of a command that is counted and then waits for an API server that never responds. */
async function endlessArgs(t: TestContext, { home }: Machine): Promise<readonly string[]> {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const file = join(home, 'kubeconfig');
  writeFileSync(
    file,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  return ['cluster', 'install', '--kubeconfig', file];
}

/**
 * Its events are in the spool, each as a whole. Its sender is started a second later, or when it ends. On a busy
 * machine it may have sent them already.
 */
async function counted({ names: namesIn, read }: Machine): Promise<void> {
  await eventually(() => {
    const events = ['spool', 'sent'].flatMap((folder) =>
      namesIn(folder).map((name) => JSON.parse(read(`${folder}/${name}`))),
    );
    assert.equal(events.length, BOTH.length);
  });
}

/** Once the command and any sender of it have ended, the next command sends everything. */
async function assertSentByNext(machine: Awaited<ReturnType<typeof setup>>): Promise<void> {
  await eventually(() => assert.deepEqual(machine.programs(), []));
  await machine.gone();
  await machine.run();
  await machine.sent();
  assert.deepEqual(names(machine.endpoint.accepted), BOTH);
}

describe('a command that is ended', { concurrency: 2 }, () => {
  for (const signal of ['SIGKILL', 'SIGHUP', 'SIGINT'] as const) {
    it(`by ${signal} has been counted`, async (t) => {
      const machine = await setup(t);
      const child = machine.start({ args: await endlessArgs(t, machine) });
      await eventually(() => assert.ok(machine.senders().length > 0));
      child.kill(signal);
      await machine.sent();
      assert.deepEqual(names(machine.endpoint.accepted), BOTH);
    });

    it(`by ${signal} as soon as it has been counted is sent by the next one`, async (t) => {
      const machine = await setup(t);
      const child = machine.start({ args: await endlessArgs(t, machine) });
      await counted(machine);
      child.kill(signal);
      await assertSentByNext(machine);
    });
  }

  it('by its terminal, which was closed, has been counted', async (t) => {
    const machine = await setup(t);
    const terminal = machine.startAtTerminal({ args: await endlessArgs(t, machine) });
    await eventually(() => assert.ok(machine.senders().length > 0));
    terminal.kill('SIGKILL');
    await eventually(() => assert.deepEqual(machine.programs(), []));
    await machine.sent();
    assert.deepEqual(names(machine.endpoint.accepted), BOTH);
  });

  it('by its terminal as soon as it has been counted is sent by the next one', async (t) => {
    const machine = await setup(t);
    const terminal = machine.startAtTerminal({ args: await endlessArgs(t, machine) });
    await counted(machine);
    terminal.kill('SIGKILL');
    await assertSentByNext(machine);
  });
});

describe('a sender that is killed', { concurrency: 2 }, () => {
  it('before the response leaves everything for the next one', async (t) => {
    const machine = await setup(t);
    const { endpoint, run } = machine;
    endpoint.behave(() => killAll(machine));
    await run();
    await machine.gone();
    endpoint.behave(accept);
    await run();
    await machine.sent();
    assert.deepEqual(names(endpoint.accepted), BOTH);
  });

  it('between the acknowledgement and its record repeats the same messages', async (t) => {
    const machine = await setup(t);
    const { endpoint, run } = machine;
    endpoint.behave((arrival, response, socket) => {
      killAll(machine);
      accept(arrival, response, socket);
    });
    await run();
    await machine.gone();
    endpoint.behave(accept);
    await run();
    await machine.sent();
    const [first, second] = endpoint.arrivals.map(({ messages }) => messages);
    assert.deepEqual(first, second);
    assert.deepEqual(machine.names('spool'), []);
  });

  it('immediately leaves everything for the next one', async (t) => {
    const machine = await setup(t);
    await machine.run();
    killAll(machine);
    await machine.gone();
    await machine.run({ args: ARGS });
    await machine.sent();
    assert.deepEqual(names(machine.endpoint.arrivals.flatMap(({ messages }) => messages)), BOTH);
  });
});

function killAll(machine: Machine): void {
  for (const { pid } of machine.senders()) process.kill(pid, 'SIGKILL');
}
