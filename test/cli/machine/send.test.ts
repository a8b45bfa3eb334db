import assert from 'node:assert/strict';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { accept, type Behaviour, refuse, startEndpoint } from '../../../lab/support/endpoint.ts';
import { sendOptOut, sendSession, sendSpool } from '../../../src/cli/machine/send.ts';
import { switchOff } from '../../../src/cli/machine/switch.ts';
import { sessionEvent } from '../../../src/record/events.ts';
import { COMMAND, DAY_MS, ID, idOf, NOON, newMachine, sorted } from './machine.ts';

async function setup(t: TestContext) {
  const endpoint = await startEndpoint();
  t.after(() => endpoint.close());
  const machine = newMachine(t, { environment: { ANALYTICS_ENDPOINT: endpoint.url } });
  const send = () => sendSpool(machine.options);
  return { ...machine, endpoint, send };
}

const BOTH = sorted([idOf('install', NOON), idOf(COMMAND, NOON)]);

describe('sendSpool', () => {
  it('sends everything that is pending as one batch, and records it', async (t) => {
    const { endpoint, count, send, names, clock } = await setup(t);
    count();
    clock.ms += DAY_MS;
    count();
    await send();
    assert.equal(endpoint.arrivals.length, 1);
    assert.equal(endpoint.accepted.length, 3);
    assert.ok(endpoint.accepted.every(({ anonymousId }) => anonymousId === ID));
    assert.deepEqual(names('spool'), []);
    assert.equal(names('sent')?.length, 3);
  });

  it('opens no connection if nothing is pending', async (t) => {
    const { endpoint, count, send } = await setup(t);
    await send();
    count();
    await send();
    await send();
    assert.equal(endpoint.arrivals.length, 1);
  });

  const failures: readonly { readonly title: string; readonly behaviour: Behaviour }[] = [
    { title: 'an error', behaviour: refuse(500) },
    { title: 'too many requests', behaviour: refuse(429, { 'Retry-After': '3600' }) },
    { title: 'a redirect', behaviour: refuse(302, { Location: 'https://login.example/' }) },
    { title: 'a refusal', behaviour: refuse(401) },
    {
      title: 'a login page',
      behaviour: (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>Log in</p>');
      },
    },
    { title: 'a broken connection', behaviour: (_, __, socket) => socket.destroy() },
  ];
  for (const { title, behaviour } of failures) {
    it(`keeps everything after ${title}, and sends it later under the same ids`, async (t) => {
      const { endpoint, count, send, names } = await setup(t);
      endpoint.behave(behaviour);
      count();
      await send();
      assert.deepEqual(names('spool')?.length, 2);
      assert.deepEqual(names('sent'), []);
      endpoint.behave(accept);
      await send();
      assert.equal(endpoint.arrivals.length, 2);
      assert.deepEqual(sorted(endpoint.accepted.map(({ messageId }) => messageId)), BOTH);
      assert.deepEqual(names('spool'), []);
    });
  }

  it('sends nothing once telemetry is off', async (t) => {
    const { endpoint, count, send, write, options } = await setup(t);
    count();
    await sendSpool({ ...options, environment: { ...options.environment, DO_NOT_TRACK: '1' } });
    write('consent', 'off');
    await send();
    assert.equal(endpoint.arrivals.length, 0);
  });

  it('sends nothing if telemetry is switched off just before the request', async (t) => {
    const { endpoint, count, options } = await setup(t);
    count();
    let reads = 0;
    const environment = {
      ...options.environment,
      // Read each time that the switches are.
      get DO_NOT_TRACK() {
        reads += 1;
        return reads > 1 ? '1' : undefined;
      },
    };
    await sendSpool({ ...options, environment });
    assert.ok(reads > 1);
    assert.equal(endpoint.arrivals.length, 0);
  });

  it('sends nothing if it could not record it', async (t) => {
    const { endpoint, count, send, folder } = await setup(t);
    count();
    chmodSync(join(folder, 'sent'), 0o777);
    await send();
    assert.equal(endpoint.arrivals.length, 0);
  });

  it('sends nothing without an id, and creates none', async (t) => {
    const { endpoint, send, write, folder } = await setup(t);
    write('id', 'damaged');
    await send();
    assert.equal(endpoint.arrivals.length, 0);
    assert.equal(existsSync(join(folder, 'spool')), false);
  });
});

describe('sendOptOut', () => {
  it('sends one event under random ids, and stores nothing', async (t) => {
    const { endpoint, options, names } = await setup(t);
    assert.equal(switchOff(options), true);
    await sendOptOut(options);
    const [message] = endpoint.accepted;
    assert.equal(endpoint.accepted.length, 1);
    assert.deepEqual(
      [message?.event, message?.properties],
      ['kusk-cli', { event: 'analytics-disabled' }],
    );
    assert.equal(message?.anonymousId, message?.userId);
    assert.notEqual(message?.anonymousId, message?.messageId);
    assert.ok(!endpoint.arrivals[0]?.body.includes(ID));
    assert.deepEqual(names(), ['consent', 'id', 'notice']);
  });

  it('is tried once', async (t) => {
    const { endpoint, options, names } = await setup(t);
    endpoint.behave(refuse(500));
    switchOff(options);
    await sendOptOut(options);
    assert.equal(endpoint.arrivals.length, 1);
    assert.deepEqual(names(), ['consent', 'id', 'notice']);
  });

  it('sends nothing while telemetry is on, or off by another switch', async (t) => {
    const { endpoint, options } = await setup(t);
    await sendOptOut(options);
    switchOff(options);
    for (const off of [{ ANALYTICS_ENABLED: 'no' }, { CI: 'true' }, { ANALYTICS_WRITE_KEY: '' }]) {
      await sendOptOut({ ...options, environment: { ...options.environment, ...off } });
    }
    assert.equal(endpoint.arrivals.length, 0);
  });
});

describe('sendSession', () => {
  const event = (machine: Awaited<ReturnType<typeof setup>>) => sessionEvent(machine.options);

  it('sends the event alone, and records nothing on the machine', async (t) => {
    const machine = await setup(t);
    machine.count();
    const before = machine.names('spool');
    const session = event(machine);
    await sendSession(session, machine.options);
    const [arrival, ...others] = machine.endpoint.arrivals;
    assert.equal(others.length, 0);
    assert.partialDeepStrictEqual(arrival?.messages, [session]);
    assert.equal(arrival?.messages.length, 1);
    assert.ok(!arrival?.body.includes(ID));
    assert.deepEqual(machine.names('spool'), before);
    assert.deepEqual(machine.names('sent'), []);
  });

  it('rejects with the reason if it was not acknowledged, after one try', async (t) => {
    const machine = await setup(t);
    machine.endpoint.behave(refuse(401));
    const refused = sendSession(event(machine), machine.options);
    await assert.rejects(refused, { name: 'PermanentDeliveryError', status: 401 });
    machine.endpoint.behave(refuse(503));
    await assert.rejects(sendSession(event(machine), machine.options), {
      name: 'TemporaryDeliveryError',
    });
    assert.equal(machine.endpoint.arrivals.length, 2);
  });

  it('opens no connection while telemetry of the machine is off', async (t) => {
    const machine = await setup(t);
    switchOff(machine.options);
    await assert.rejects(sendSession(event(machine), machine.options), /switched off/);
    assert.equal(machine.endpoint.arrivals.length, 0);
  });
});
