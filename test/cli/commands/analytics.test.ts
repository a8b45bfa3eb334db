import assert from 'node:assert/strict';
import { chmodSync, existsSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { load } from 'js-yaml';
import type { CommandContext, RunCommand } from '../../../src/cli/command.ts';
import { run as disable } from '../../../src/cli/commands/analytics-disable.ts';
import { run as enable } from '../../../src/cli/commands/analytics-enable.ts';
import { run as log } from '../../../src/cli/commands/analytics-log.ts';
import { run as preview } from '../../../src/cli/commands/analytics-preview.ts';
import { run as status } from '../../../src/cli/commands/analytics-status.ts';
import { acknowledge, pendingEvents } from '../../../src/cli/machine/spool.ts';
import { sentPayload } from '../../../src/deliver/payload.ts';
import { CLI_COMMANDS } from '../../../src/event.ts';
import { aContext, recordingTerminal } from '../context.ts';
import { COMMAND, ID, idOf, type MachineOptions, NOON, newMachine } from '../machine/machine.ts';

function setup(t: TestContext, { isTerminal = false, ...options }: MachineOptions = {}) {
  const machine = newMachine(t, options);
  const started: (readonly string[])[] = [];

  /** Runs a command and returns what it prints. */
  async function run(command: RunCommand, parts: Partial<CommandContext> = {}) {
    const { environment, home, platform, uid, builtInWriteKey, randomId, now } = machine.options;
    const stdout = recordingTerminal({ isTerminal });
    const { context, stderr } = aContext({
      ...{ environment, home, platform, uid, builtInWriteKey, randomId, stdout },
      startDetached: (args) => started.push(args),
      ...parts,
    });
    const time = { ...context.time, now };
    const code = await command({ ...context, time });
    return { code, out: stdout.text(), err: stderr.text() };
  }
  const json = async (command: RunCommand) =>
    JSON.parse((await run(command, { flags: { output: 'json' } })).out);
  const acknowledgeAll = () => {
    for (const { messageId } of pendingEvents(machine.machine)) {
      acknowledge(machine.machine, messageId);
    }
  };
  return { ...machine, run, json, acknowledgeAll, started };
}

describe('kusk analytics status', () => {
  it('shows a machine whose telemetry is on, and how to switch it off', async (t) => {
    const { run, json, count, folder } = setup(t);
    count();
    const { code, out, err } = await run(status);
    assert.deepEqual([code, err], [0, '']);
    for (const line of out.split('\n')) assert.ok(line.length <= 80 || line.includes(folder), line);
    assert.match(out, /telemetry {3}on\n.*default: no switch says off\n/);
    assert.match(out, /kusk analytics disable switches it off/);
    const { change, ...machine } = (await json(status)).machine;
    assert.deepEqual(machine, {
      telemetry: 'on',
      decidedBy: 'default: no switch says off',
      since: '2026-11-22T08:00:00.000Z',
      id: ID,
      endpoint: 'https://api.segment.io/',
      pending: 2,
      state: folder,
      problems: [],
    });
    assert.match(change, /ANALYTICS_ENABLED=false/);
  });

  it('names a proxy that can not be used, without its password', async (t) => {
    const { json, count } = setup(t, { environment: { HTTPS_PROXY: 'socks5://me:secret@proxy' } });
    count();
    const { machine } = await json(status);
    assert.deepEqual([machine.telemetry, machine.pending], ['on', 2]);
    assert.deepEqual(machine.problems, [
      'HTTPS_PROXY must be the address of a proxy, such as http://proxy.example:3128: until then, events stay pending',
    ]);
  });

  it('says that no further command is counted if the spool is full', async (t) => {
    const { json, count, clock } = setup(t);
    for (let day = 0; day < 99; day += 1) {
      count();
      clock.ms += 86_400_000;
    }
    const { machine } = await json(status);
    assert.equal(machine.pending, 100);
    assert.match(machine.problems.join(), /^the spool is full: /);
  });

  it('never shows a password of the endpoint', async (t) => {
    const ANALYTICS_ENDPOINT = 'https://me:secret@collector.example/in?token=secret';
    const { run, json } = setup(t, { environment: { ANALYTICS_ENDPOINT } });
    assert.equal((await json(status)).machine.endpoint, 'https://collector.example/in');
    assert.ok(!(await run(status)).out.includes('secret'));
  });

  it('says what a first run is waiting for, and leaves no trace', async (t) => {
    const { run, home } = setup(t, { isKnown: false });
    const { out } = await run(status);
    assert.match(out, /decided by {2}the notice about telemetry has not been shown/);
    assert.match(out, /A command such as kusk version shows the notice/);
    assert.match(out, /id {10}none yet/);
    assert.equal(existsSync(`${home}/.local`), false);
  });

  const offs: readonly (MachineOptions & {
    readonly title: string;
    readonly files?: Readonly<Record<string, string>>;
    readonly decidedBy: RegExp;
    readonly change: RegExp;
  })[] = [
    {
      title: 'its own switch',
      files: { consent: 'off' },
      decidedBy: /^the file \/.*\/kusk\/consent is "off"$/,
      change: /^kusk analytics enable switches it on/,
    },
    {
      title: 'a damaged switch',
      files: { consent: 'x'.repeat(10_000) },
      decidedBy: /^the file \/.*\/kusk\/consent can't be understood$/,
      change: /^kusk analytics enable switches it on/,
    },
    {
      title: 'a variable',
      environment: { ANALYTICS_ENABLED: 'nope' },
      decidedBy: /^ANALYTICS_ENABLED can't be understood$/,
      change: /^kusk analytics disable keeps it off/,
    },
    {
      title: 'a damaged id',
      files: { id: 'f00' },
      decidedBy: /^the file id in .* is damaged, and is not replaced: restore it, or delete it/,
      change: /^kusk analytics disable keeps it off/,
    },
    {
      title: 'a missing write key',
      environment: { ANALYTICS_WRITE_KEY: '' },
      decidedBy: /^there is no write key: set ANALYTICS_WRITE_KEY/,
      change: /^kusk analytics disable keeps it off/,
    },
    {
      title: 'an endpoint that is none',
      environment: { ANALYTICS_ENDPOINT: 'segment' },
      decidedBy: /^ANALYTICS_ENDPOINT is "segment": write an http/,
      change: /^kusk analytics disable keeps it off/,
    },
  ];
  for (const { title, files = {}, decidedBy, change, ...options } of offs) {
    it(`says that ${title} decided`, async (t) => {
      const { json, write } = setup(t, options);
      for (const [name, text] of Object.entries(files)) write(name, text);
      const { machine } = await json(status);
      assert.equal(machine.telemetry, 'off');
      assert.match(machine.decidedBy, decidedBy);
      assert.match(machine.change, change);
      assert.equal(machine.since !== null, title === 'its own switch');
    });
  }

  it('shows what stands in the way of a switch, and names no command that fails', async (t) => {
    const { json, write, folder } = setup(t);
    write('consent', 'off');
    chmodSync(folder, 0o775);
    const { machine } = await json(status);
    assert.match(machine.decidedBy, /consent is "off"$/);
    assert.match(machine.problems.join(), /can be changed by other users: run chmod 700 on it$/);
    assert.match(machine.change, /^ANALYTICS_ENABLED=false keeps telemetry off/);
    assert.doesNotMatch(machine.change, /kusk analytics/);
  });

  it('shows no control character of a file or a variable', async (t) => {
    const environment = { ANALYTICS_ENABLED: 'a\u001b[2J\u009b\u202eb' };
    const { run, write } = setup(t, { environment });
    write('consent', '\u001b]0;title\u0007');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    assert.doesNotMatch((await run(status)).out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe('kusk analytics disable', () => {
  it('starts a sender for the last event, once', async (t) => {
    const { run, count, started, names } = setup(t);
    count();
    assert.match((await run(disable)).out, /^Telemetry of this machine is off\.\nOne last event/);
    assert.deepEqual(started, [['__send', 'opt-out']]);
    assert.deepEqual(names('spool'), []);
    assert.equal((await run(disable)).out, 'Telemetry of this machine is off.\n');
    assert.equal(started.length, 1);
  });

  it('switches off if no sender can be started', async (t) => {
    const { run } = setup(t);
    const startDetached = () => {
      throw new Error('spawn ENOMEM');
    };
    assert.equal((await run(disable, { startDetached })).code, 0);
  });

  const silent: readonly (MachineOptions & { readonly title: string; readonly flags?: object })[] =
    [
      { title: 'with --no-report', flags: { 'no-report': true } },
      {
        title: 'if ANALYTICS_REPORT_OPT_OUT is off',
        environment: { ANALYTICS_REPORT_OPT_OUT: '0' },
      },
      { title: 'if telemetry was off', environment: { CI: 'true' } },
      { title: 'if nothing was ever sent', isKnown: false },
    ];
  for (const { title, flags = {}, ...options } of silent) {
    it(`sends nothing ${title}`, async (t) => {
      const { run, started, read } = setup(t, options);
      const { code, out } = await run(disable, { flags: { ...flags } });
      assert.deepEqual([code, out], [0, 'Telemetry of this machine is off.\n']);
      assert.deepEqual(started, []);
      assert.equal(read('consent'), 'off');
    });
  }

  it('says what to do if it can not be written', async (t) => {
    const { run, write } = setup(t, { isKnown: false });
    write('../kusk', 'a file');
    await assert.rejects(run(disable), {
      message: /^telemetry can't be switched off: .*kusk is not a folder: move it away$/,
      advice: 'Set ANALYTICS_ENABLED=false in the environment instead.',
      exitCode: 1,
    });
  });
});

describe('kusk analytics enable', () => {
  it('switches on what disable has switched off', async (t) => {
    const { run, json } = setup(t);
    await run(disable);
    assert.match((await run(enable)).out, /^Telemetry of this machine is on\.\n/);
    assert.equal((await json(status)).machine.telemetry, 'on');
  });

  it('says which switch still says off', async (t) => {
    const { run } = setup(t, { environment: { DO_NOT_TRACK: '1' } });
    const { code, out, err } = await run(enable);
    assert.deepEqual(
      [code, out, err],
      [0, 'Telemetry of this machine is still off.\n', 'DO_NOT_TRACK is "1"\n'],
    );
  });

  it('needs no notice before it at a terminal, and leaves no trace elsewhere', async (t) => {
    const atTerminal = setup(t, { isKnown: false, isTerminal: true });
    assert.match((await atTerminal.run(enable)).out, /^Telemetry of this machine is on\./);
    const elsewhere = setup(t, { isKnown: false });
    assert.match((await elsewhere.run(enable)).err, /^the notice .* has not been shown/);
    assert.equal(elsewhere.names(), undefined);
  });

  it('says why it can not be written', async (t) => {
    const { run, write } = setup(t, { isKnown: false, isTerminal: true });
    write('../kusk', 'a file');
    await assert.rejects(run(enable), { message: /^telemetry can't be switched on: / });
  });
});

describe('kusk analytics preview', () => {
  it('prints what is pending and what each command would add, and writes nothing', async (t) => {
    const { run, json, count, names, machine } = setup(t);
    count();
    const pending = pendingEvents(machine).map(sentPayload);
    const { out, err } = await run(preview);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(lines.slice(0, 2), pending);
    assert.deepEqual(
      lines.slice(2).map(({ properties }) => properties.event),
      CLI_COMMANDS.filter((name) => name !== COMMAND),
    );
    assert.match(err, /^Pending: 2\. The others leave if their command runs today\.\n$/);
    assert.deepEqual(await json(preview), lines);
    assert.equal(names('spool')?.length, 2);
  });

  it('shows the install once, and zeros for an id that is not there', async (t) => {
    const { run, home } = setup(t, { isKnown: false });
    const { out, err } = await run(preview, { flags: { output: 'yaml' } });
    const payloads = load(out) as { anonymousId: string; properties: { event: string } }[];
    assert.deepEqual(
      payloads.map(({ properties }) => properties.event),
      ['install', ...CLI_COMMANDS],
    );
    assert.ok(payloads.every(({ anonymousId }) => /^0{64}$/.test(anonymousId)));
    assert.match(
      err,
      /^Telemetry is off: the notice .*\nThis machine has no id yet\. .*\nPending: 0\. Nothing leaves\./,
    );
    assert.equal(existsSync(`${home}/.local`), false);
  });

  for (const name of ['../kusk', 'spool', 'sent']) {
    it(`works if there is a file in the place of the folder ${name}`, async (t) => {
      const { run, write } = setup(t, { isKnown: false });
      write(name, 'a file');
      const { code, out, err } = await run(preview);
      assert.equal(code, 0);
      assert.equal(out.trimEnd().split('\n').length, 1 + CLI_COMMANDS.length);
      assert.match(err, /^Telemetry is off: .*\nThis machine has no id that can be used\./);
    });
  }
});

describe('kusk analytics log', () => {
  it('prints what was sent, oldest first', async (t) => {
    const { run, json, count, clock, acknowledgeAll } = setup(t);
    count();
    acknowledgeAll();
    clock.ms += 86_400_000;
    count();
    acknowledgeAll();
    const { out, err } = await run(log);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(err, '');
    assert.deepEqual(await json(log), lines);
    assert.equal(lines.length, 3);
    assert.equal(lines[2].messageId, idOf(COMMAND, clock.ms));
    assert.deepEqual(
      lines.slice(0, 2).map(({ timestamp }) => Date.parse(timestamp)),
      [NOON, NOON],
    );
  });

  it('says that nothing was sent', async (t) => {
    const { run, json } = setup(t, { isKnown: false });
    assert.deepEqual(await run(log), {
      code: 0,
      out: '',
      err: 'No event of this machine was sent.\n',
    });
    assert.deepEqual(await json(log), []);
  });

  it('says why it can not be read', async (t) => {
    const { run, count, acknowledgeAll, write, folder } = setup(t);
    count();
    acknowledgeAll();
    chmodSync(folder, 0o775);
    const text = `What was sent can't be read: ${folder} can be changed by other users: run chmod 700 on it.\n`;
    assert.deepEqual(await run(log), { code: 0, out: '', err: text });
    chmodSync(folder, 0o700);
    write('id', 'damaged');
    assert.match(
      (await run(log)).err,
      /^What was sent can't be read: the file id in .* is damaged/,
    );
  });

  it('prints nothing that is no event', async (t) => {
    const { run, write } = setup(t);
    write(`sent/${'a'.repeat(64)}.json`, '{"messageId":"\u001b[31m"}');
    assert.equal((await run(log)).out, '');
  });
});
