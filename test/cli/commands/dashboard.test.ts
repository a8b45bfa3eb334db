import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { eventually } from '../../../lab/support/eventually.ts';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import type { CommandContext } from '../../../src/cli/command.ts';
import {
  confirmAddress,
  listenError,
  readListenOn,
} from '../../../src/cli/commands/dashboard-address.ts';
import { dashboardMachine } from '../../../src/cli/commands/dashboard-machine.ts';
import { run } from '../../../src/cli/commands/dashboard-serve.ts';
import type { Environment } from '../../../src/runtime/environment.ts';
import { aContext, recordingTerminal } from '../context.ts';
import { NOON, newMachine } from '../machine/machine.ts';

/** Serves a cluster that is away until the test ends. Resolves when the address is printed. */
async function serve(t: TestContext, parts: Partial<CommandContext> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-dashboard-'));
  const kubeconfig = join(folder, 'config');
  const config = {
    clusters: [{ name: 'one', cluster: { server: 'http://127.0.0.1:1' } }],
    users: [{ name: 'one', user: {} }],
    contexts: [{ name: 'dev', context: { cluster: 'one', user: 'one' } }],
    'current-context': 'dev',
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  const printed = Promise.withResolvers<string>();
  const ending = new AbortController();
  const { context, stderr } = aContext({
    flags: { port: '0', 'no-open': true },
    stdout: { ...recordingTerminal(), write: (text) => printed.resolve(text.trim()) },
    signal: ending.signal,
    ...parts,
    environment: { ...parts.environment, KUBECONFIG: kubeconfig },
  });
  const running = run(context);
  t.after(async () => {
    ending.abort();
    await running;
    await rm(folder, { recursive: true });
  });
  return { address: await printed.promise, stderr };
}

describe('the process of the dashboard', () => {
  it('keeps its memory small from the beginning', async () => {
    let favored = 0;
    const { context } = aContext({ flags: { port: 'none' }, favorMemory: () => (favored += 1) });
    await assert.rejects(run(context), { name: 'UsageError' });
    assert.equal(favored, 1);
  });
});

describe('a dashboard whose cluster is away', () => {
  it('has commands that stay in the context that it began with', async (t) => {
    const { address } = await serve(t);
    const { headers } = await fetch(address, { redirect: 'manual' });
    const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
    const page = await (await fetch(new URL('/', address), { headers: { cookie } })).text();
    assert.match(
      page.replaceAll(/<[^>]*>/g, ''),
      /kubectl --context dev get namespace kube-system/,
    );
  });
});

describe('a browser that is opened', () => {
  it('may show nothing, which a line on stderr says', async (t) => {
    const opened: string[] = [];
    const { stderr } = await serve(t, {
      flags: { port: '0' },
      environment: { DISPLAY: ':0' },
      openBrowser: async (address) => void opened.push(address),
    });
    const line = /^If no page opens, open the address yourself\.$/m;
    await eventually(() => assert.match(stderr.text(), line));
    assert.equal(opened.length, 1);
  });

  it('is not spoken of if there is none', async (t) => {
    const openBrowser = () => Promise.reject(new Error('spawn xdg-open ENOENT'));
    const environment = { DISPLAY: ':0' };
    const { stderr } = await serve(t, { flags: { port: '0' }, environment, openBrowser });
    await eventually(() => assert.match(stderr.text(), /No browser could be opened/));
    assert.doesNotMatch(stderr.text(), /If no page opens/);
  });
});

describe('where the dashboard is served', () => {
  const right = [
    { flags: {}, expected: { address: '127.0.0.1', port: 8080 } },
    { flags: { port: '0' }, expected: { address: '127.0.0.1', port: 0 } },
    { flags: { port: '65535', address: '::1' }, expected: { address: '::1', port: 65_535 } },
    { flags: { address: '[::1]' }, expected: { address: '::1', port: 8080 } },
    { flags: { address: 'localhost' }, expected: { address: '127.0.0.1', port: 8080 } },
    { flags: { address: '2001:DB8::5' }, expected: { address: '2001:db8::5', port: 8080 } },
    { flags: { address: '::ffff:127.0.0.1' }, expected: { address: '127.0.0.1', port: 8080 } },
    { flags: { address: '::FFFF:c0a8:105' }, expected: { address: '192.168.1.5', port: 8080 } },
    { flags: { address: '0:0:0:0:0:0:0:0' }, expected: { address: '::', port: 8080 } },
    { flags: { address: '[0:0:0:0:0:0:0:1]' }, expected: { address: '::1', port: 8080 } },
  ];
  for (const { flags, expected } of right) {
    it(`is read from ${JSON.stringify(flags)}`, () => {
      assert.deepEqual(readListenOn(flags), expected);
    });
  }

  const wrong = [
    { flags: { port: '65536' }, message: /"65536" is not a port/ },
    { flags: { port: '-1' }, message: /is not a port/ },
    { flags: { port: '80a' }, message: /is not a port/ },
    { flags: { port: '' }, message: /is not a port/ },
    { flags: { address: 'example.com' }, message: /is not an IP address/ },
    { flags: { address: '127.0.0.1:8080' }, message: /is not an IP address/ },
    { flags: { address: 'fe80::1%eth0' }, message: /has a zone/ },
    { flags: { address: '\u001b[2J' }, message: /is not an IP address/ },
  ];
  for (const { flags, message } of wrong) {
    it(`is refused with advice for ${JSON.stringify(flags)}`, () => {
      assert.throws(() => readListenOn(flags), { name: 'UsageError', exitCode: 2, message });
    });
  }

  for (const address of ['127.0.0.1', '127.8.9.1', '::1']) {
    it(`needs no question on this machine: ${address}`, async () => {
      const { context, stderr } = aContext({ confirm: () => assert.fail('was asked') });
      await confirmAddress({ address }, context);
      assert.equal(stderr.text(), '');
    });
  }

  for (const address of ['0.0.0.0', '::', '192.168.1.5', 'fd00::1', '::ffff:10.0.0.1']) {
    it(`is asked about where other machines reach it: ${address}`, async () => {
      const no = aContext();
      await assert.rejects(confirmAddress({ address }, no.context), /nothing was started/);
      assert.match(no.stderr.text(), /has no TLS/);
      await confirmAddress({ address }, aContext({ confirm: async () => true }).context);
      const yes = aContext({ flags: { yes: true }, confirm: () => assert.fail('was asked') });
      await confirmAddress({ address }, yes.context);
    });
  }

  for (const [code, port, message, advice] of [
    ['EADDRINUSE', 8080, /port 8080 is in use, and so are the next ports/, /--port 0$/],
    ['EACCES', 8080, /port 8080 is reserved by the system, and so are the next/, /--port 0$/],
    ['EACCES', 1024, /port 1024 is reserved/, /--port 0$/],
    ['EACCES', 1023, /you may not serve/, /above 1023: --port 8080$/],
    ['EADDRNOTAVAIL', 8080, /is not an address of this machine/, /--address 127.0.0.1$/],
    ['EOTHER', 8080, /cannot serve/, /^$/],
  ] as const) {
    it(`has an error that says what to do: ${code} at ${port}`, () => {
      const error = Object.assign(new Error('listen'), { code });
      const found = listenError(error, { address: '127.0.0.1', port });
      assert.match(found.message, message);
      assert.match(found.advice ?? '', advice);
    });
  }
});

describe('the machine of a dashboard', () => {
  /** A program that has run for a minute, on a machine whose notice was seen at `noticeAt`. */
  function setup(t: TestContext, environment: Environment = {}, noticeAt?: string) {
    const { options, write } = newMachine(t, { environment });
    if (noticeAt !== undefined) write('notice', noticeAt);
    const time = { ...fakeTime().time, now: () => NOON, steady: () => 60_000 };
    const { context } = aContext({ time });
    return dashboardMachine({ ...context, ...options, stderr: context.stderr });
  }

  it('counts sessions if telemetry is on', (t) => {
    assert.deepEqual(setup(t)(), {
      isOn: true,
      decidedBy: 'default: no switch says off',
      endpoint: 'https://api.segment.io/',
    });
  });

  const off = [
    { ANALYTICS_ENABLED: 'false' },
    { ANALYTICS_ENABLED: ' "OFF" ' },
    { ANALYTICS_ENABLED: 'maybe' },
    { DO_NOT_TRACK: 'true' },
    { CI: '1' },
    { ANALYTICS_WRITE_KEY: '' },
    { ANALYTICS_ENDPOINT: 'ftp://a' },
  ];
  for (const environment of off) {
    it(`counts none with ${JSON.stringify(environment)}`, (t) => {
      assert.equal(setup(t, environment)().isOn, false);
    });
  }

  it('counts none in the run that has shown the notice, and does in a later one', (t) => {
    const now = setup(t, {}, new Date(NOON - 59_000).toISOString())();
    assert.deepEqual(
      [now.isOn, now.decidedBy],
      [false, 'the notice about telemetry was shown just now'],
    );
    assert.equal(setup(t, {}, new Date(NOON - 61_000).toISOString())().isOn, true);
  });

  it('shows an endpoint without what is secret in it', (t) => {
    const environment = { ANALYTICS_ENDPOINT: 'https://user:secret@events.example/a?token=secret' };
    assert.equal(setup(t, environment)().endpoint, 'https://events.example/a');
  });
});
