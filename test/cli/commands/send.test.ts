import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { startEndpoint } from '../../../lab/support/endpoint.ts';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import type { CommandSpec } from '../../../src/cli/command.ts';
import { run as send } from '../../../src/cli/commands/send.ts';
import { COMMAND_TABLE } from '../../../src/cli/commands.ts';
import { invoke } from '../../../src/cli/invoke.ts';
import { switchOff } from '../../../src/cli/machine/switch.ts';
import { aContext } from '../context.ts';
import { COMMAND, newMachine } from '../machine/machine.ts';

function setup(t: TestContext, endpoint: string) {
  const machine = newMachine(t, { environment: { ANALYTICS_ENDPOINT: endpoint } });
  const { environment, home, platform, uid, builtInWriteKey, randomId } = machine.options;
  const clock = fakeTime();
  const started: (readonly string[])[] = [];
  const { context, stdout, stderr } = aContext({
    ...{ environment, home, platform, uid, builtInWriteKey, randomId },
    time: clock.time,
    startDetached: (args) => started.push(args),
  });
  const printed = () => stdout.text() + stderr.text();
  return { ...machine, clock, context, started, printed };
}

const command = (counted: boolean, run: CommandSpec['load']) =>
  ({ name: COMMAND, summary: '', flags: [], examples: [], counted, load: run }) as CommandSpec;

describe('a command that is counted', () => {
  const commands = [
    { title: 'succeeds', load: async () => ({ run: async () => 0 as const }) },
    {
      title: 'fails',
      load: async () => ({
        run: async () => {
          throw new Error('broken');
        },
      }),
    },
  ];
  for (const { title, load } of commands) {
    it(`is enqueued and starts the sender, also if it ${title}`, async (t) => {
      const { context, names, started } = setup(t, 'http://127.0.0.1:9');
      await invoke(command(true, load), context);
      assert.equal(names('spool')?.length, 2);
      assert.deepEqual(started, [['__send', 'spool']]);
    });
  }

  it('starts the sender once, while the command waits for its cluster for long', async (t) => {
    const { context, clock, started } = setup(t, 'http://127.0.0.1:9');
    const cluster = Promise.withResolvers<0>();
    const running = invoke(
      command(true, async () => ({ run: () => cluster.promise })),
      context,
    );
    await clock.pass(999);
    assert.deepEqual(started, []);
    await clock.pass(1);
    assert.deepEqual(started, [['__send', 'spool']]);
    cluster.resolve(0);
    assert.equal(await running, 0);
    assert.equal(started.length, 1);
    assert.equal(clock.waiting(), 0);
  });

  it('starts the sender immediately if that of an earlier run has not sent everything', async (t) => {
    const { context, started } = setup(t, 'http://127.0.0.1:9');
    const startedBefore: number[] = [];
    const run = async () => {
      startedBefore.push(started.length);
      return 0 as const;
    };
    for (const _ of ['first', 'second'])
      await invoke(
        command(true, async () => ({ run })),
        context,
      );
    assert.deepEqual(startedBefore, [0, 2]);
    assert.equal(started.length, 2);
  });

  it('has the same exit code and output if the sender can not be started', async (t) => {
    const { context, printed } = setup(t, 'http://127.0.0.1:9');
    const startDetached = () => {
      throw new Error('EAGAIN');
    };
    const run = command(true, async () => ({ run: async () => 4 }));
    assert.equal(await invoke(run, { ...context, startDetached }), 4);
    assert.equal(printed(), '');
  });

  it('is none of those that the catalogue leaves out', async (t) => {
    const { context, names, started } = setup(t, 'http://127.0.0.1:9');
    await invoke(
      command(false, async () => ({ run: async () => 0 })),
      context,
    );
    assert.deepEqual([names('spool'), started], [undefined, []]);
    const uncounted = COMMAND_TABLE.commands.filter(({ counted }) => !counted);
    for (const name of ['analytics status', 'version', 'help', 'completion']) {
      assert.ok(
        uncounted.some((row) => row.name === name),
        name,
      );
    }
  });
});

describe('the sender', () => {
  it('sends the spool, and prints nothing', async (t) => {
    const endpoint = await startEndpoint();
    t.after(() => endpoint.close());
    const { context, names, printed, clock } = setup(t, endpoint.url);
    await invoke(
      command(true, async () => ({ run: async () => 0 })),
      context,
    );
    assert.equal(await send({ ...context, args: ['spool'] }), 0);
    assert.equal(endpoint.accepted.length, 2);
    assert.deepEqual(names('spool'), []);
    assert.equal(printed(), '');
    assert.equal(clock.waiting(), 0);
  });

  it('sends the opt-out event', async (t) => {
    const endpoint = await startEndpoint();
    t.after(() => endpoint.close());
    const { context, options } = setup(t, endpoint.url);
    switchOff(options);
    await send({ ...context, args: ['opt-out'] });
    assert.deepEqual(endpoint.accepted[0]?.properties, { event: 'analytics-disabled' });
  });

  it('ends its process if the endpoint never responds', async (t) => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.after(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const { context, names, clock } = setup(t, `http://127.0.0.1:${port}`);
    await invoke(
      command(true, async () => ({ run: async () => 0 })),
      context,
    );
    const ended: string[] = [];
    const killSelf = () => void ended.push('ended');
    const sent = send({ ...context, args: ['spool'], killSelf });
    const [connection] = await once(silent, 'connection');
    await clock.pass(4_899);
    assert.deepEqual(ended, []);
    await clock.pass(1);
    assert.deepEqual(ended, ['ended']);
    assert.equal(names('spool')?.length, 2);
    connection.destroy();
    await sent;
  });

  it('ends without a word if the state can not be written', async (t) => {
    const { context, write, printed } = setup(t, 'http://127.0.0.1:9');
    write('sent', 'a file');
    assert.equal(await send({ ...context, args: ['spool'] }), 0);
    assert.equal(printed(), '');
  });
});
