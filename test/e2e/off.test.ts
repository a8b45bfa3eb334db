import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { ledgerAccess } from '../../lab/support/ledger.ts';
import type { Operator } from '../../lab/support/operator.ts';
import { type Rounds, rounds } from '../../lab/support/rounds.ts';
import { watchSockets } from '../../lab/support/sockets.ts';

const SAYS_OFF = 'telemetry is off: nothing is sent';
let lab: Lab;
let sites = 0;
let createSome: Rounds['createSome'];

before(async () => {
  lab = await startLab({ namespaces: ['users'] });
  ({ createSome } = rounds(lab));
});
after(() => lab.close());

/** Counts who comes: nobody may. */
async function startTrap(t: TestContext) {
  const trap = { port: 0, visits: 0 };
  const server = createServer((socket) => {
    trap.visits += 1;
    socket.destroy();
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  trap.port = (server.address() as AddressInfo).port;
  return trap;
}

interface WatchedOptions {
  /** The text of the configuration file; `null` names one that is not there. */
  readonly file?: string | null;
  /** The text of the opt-out file. */
  readonly optOut?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly proxied?: boolean;
}

/** An operator that is watched, and whose endpoint has a name that would have to be looked up. */
async function startWatched(t: TestContext, options: WatchedOptions) {
  const { file, optOut, env, proxied = true } = options;
  const folder = mkdtempSync(join(tmpdir(), 'kusk-off-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'kusk.yaml');
  if (typeof file === 'string') writeFileSync(path, file);
  const optOutPath = join(folder, 'enabled');
  if (optOut !== undefined) writeFileSync(optOutPath, optOut);
  const trap = await startTrap(t);
  const proxies = ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy'];
  const watch = watchSockets({ folder, allowed: new URL(lab.cp.server).host });
  sites += 1;
  const site = await lab.site(`off-${sites}`);
  const operator = await site.start({
    endpoint: 'http://telemetry.invalid',
    ...watch.start,
    args: [...(file === undefined ? [] : ['--config', path]), '--opt-out', optOutPath],
    env: {
      ...watch.start.env,
      ...(proxied &&
        Object.fromEntries(proxies.map((name) => [name, `http://127.0.0.1:${trap.port}`]))),
      ...env,
    },
  });
  t.after(() => site[Symbol.asyncDispose]());
  return { operator, site, trap, watch, ledger: ledgerAccess(lab.client, site.namespace) };
}

function said({ lines }: Operator, msg: string) {
  return lines.filter((line) => line.msg === msg);
}

describe('an operator whose telemetry is off at its start', { concurrency: 3 }, () => {
  const cases: readonly (WatchedOptions & {
    readonly title: string;
    readonly decidedBy: RegExp;
    readonly error?: RegExp;
  })[] = [
    {
      title: 'by ANALYTICS_ENABLED=false',
      env: { ANALYTICS_ENABLED: 'false' },
      decidedBy: /^ANALYTICS_ENABLED is "false"$/,
    },
    {
      title: 'by a dressed-up spelling',
      env: { ANALYTICS_ENABLED: ` 'OFF' ` },
      decidedBy: /^ANALYTICS_ENABLED is /,
    },
    {
      title: 'by an empty value',
      env: { ANALYTICS_ENABLED: '' },
      decidedBy: /^ANALYTICS_ENABLED is ""$/,
    },
    {
      title: 'by DO_NOT_TRACK=1',
      env: { DO_NOT_TRACK: '1', ANALYTICS_ENABLED: 'true' },
      decidedBy: /^DO_NOT_TRACK is "1"$/,
    },
    {
      title: 'by a value that can not be understood',
      env: { ANALYTICS_ENABLED: 'maybe' },
      decidedBy: /^ANALYTICS_ENABLED can't be understood$/,
      error: /^ANALYTICS_ENABLED is "maybe", which is neither true nor false: telemetry is off/,
    },
    {
      title: 'by analytics.enabled in the file, though the environment says on',
      file: 'analytics:\n  enabled: false\n',
      env: { ANALYTICS_ENABLED: 'true' },
      decidedBy: /^analytics\.enabled in \S+kusk\.yaml is false$/,
    },
    {
      title: 'by the environment, though the file says on',
      file: 'analytics: {enabled: true}',
      env: { ANALYTICS_ENABLED: 'No' },
      decidedBy: /^ANALYTICS_ENABLED is "No"$/,
    },
    {
      title: "by the prose's analytics.enable",
      file: '{"analytics": {"enabled": true, "enable": "False"}}',
      decidedBy: /^analytics\.enable in \S+kusk\.yaml is "False"$/,
    },
    {
      title: 'by the opt-out file, though all else says on',
      file: 'analytics: {enabled: true}',
      optOut: '\ufeffFalse\r\n',
      env: { ANALYTICS_ENABLED: 'true' },
      decidedBy: /^enabled in ConfigMap kusk-gateway-opt-out \(\S+enabled\) is /,
    },
    {
      title: 'by an opt-out file that can not be understood',
      optOut: 'enabled=false',
      decidedBy: /^enabled in ConfigMap kusk-gateway-opt-out \(\S+enabled\) can't be understood$/,
      error:
        /^enabled in ConfigMap kusk-gateway-opt-out \(\S+\) is "enabled=false", which is neither/,
    },
    {
      title: 'by a section without content',
      file: 'analytics:\n',
      decidedBy: /kusk\.yaml can't be understood$/,
      error: /^analytics in \S+kusk\.yaml is not a mapping: telemetry is off/,
    },
    {
      title: 'by a value of a wrong type',
      file: 'analytics: {enabled: &it [*it]}',
      decidedBy: /^analytics\.enabled in \S+kusk\.yaml can't be understood$/,
      error: /^analytics\.enabled in \S+kusk\.yaml is a list, which is neither true nor false/,
    },
    {
      title: 'by a file that is no YAML',
      file: 'analytics: {enabled: true',
      decidedBy: /kusk\.yaml can't be understood$/,
      error: /kusk\.yaml is not YAML with a mapping at its top: telemetry is off/,
    },
    {
      title: 'by a file that is not there',
      file: null,
      decidedBy: /kusk\.yaml can't be understood$/,
      error: /kusk\.yaml can't be read \(ENOENT\): telemetry is off/,
    },
  ];
  for (const { title, decidedBy, error, ...options } of cases) {
    it(`speaks to nobody but the API server: ${title}`, async (t) => {
      const { operator, site, ledger, trap, watch } = await startWatched(t, options);
      await site.makeLedger();
      await operator.ready();
      // Its only work is done once the ledger that the chart has made says so.
      await eventually(async () => {
        assert.equal((await ledger.content())?.consent, 'off');
      });
      await createSome();
      assert.equal(await operator.stop(), 0);

      const { strays, allowed } = await watch.result();
      assert.deepEqual(strays, []);
      assert.ok(allowed > 0, 'the API server was spoken to');
      assert.equal(trap.visits, 0);
      const lines = said(operator, SAYS_OFF);
      assert.equal(lines.length, 1);
      assert.match(String(lines[0]?.decidedBy), decidedBy);
      const errors = operator.lines.filter(({ level }) => level === 'error');
      assert.equal(errors.length, error ? 1 : 0);
      if (error) assert.match(errors[0]?.msg ?? '', error);
    });
  }

  it('makes no ledger where there is none', async (t) => {
    const { operator, ledger, trap, watch } = await startWatched(t, {
      env: { ANALYTICS_ENABLED: 'false' },
    });
    await operator.ready();
    await createSome();
    assert.equal(await operator.stop(), 0);
    assert.deepEqual((await watch.result()).strays, []);
    assert.equal(trap.visits, 0);
    assert.equal(await ledger.map(), undefined);
  });

  it('speaks to nobody without a write key, and says so once', async (t) => {
    const { operator, ledger, trap, watch } = await startWatched(t, {
      env: { ANALYTICS_ENABLED: 'true', ANALYTICS_WRITE_KEY: '' },
    });
    await operator.ready();
    await createSome();
    assert.equal(await operator.stop(), 0);
    assert.deepEqual((await watch.result()).strays, []);
    assert.equal(trap.visits, 0);
    const lines = operator.lines.filter(({ msg }) => msg.includes('write key'));
    assert.equal(lines.length, 1);
    assert.match(lines[0]?.msg ?? '', /^nothing is sent: there is no write key/);
    assert.equal(await ledger.map(), undefined);
  });
});

describe('what watches the sockets', { concurrency: 2 }, () => {
  it('sees a name that is looked up', async (t) => {
    const { operator, watch } = await startWatched(t, { proxied: false });
    await eventually(() => {
      assert.ok(operator.lines.some(({ msg }) => msg.startsWith('the endpoint is unavailable')));
    });
    await operator.stop();
    const { strays } = await watch.result();
    assert.ok(strays.includes('telemetry.invalid:80'), strays.join('\n'));
    assert.ok(strays.includes('GETADDRINFOREQWRAP'));
  });

  it('sees a proxy that is spoken to', async (t) => {
    const { operator, trap, watch } = await startWatched(t, {});
    await eventually(() => assert.ok(trap.visits > 0));
    await operator.stop();
    const { strays } = await watch.result();
    assert.ok(
      strays.some((stray) => stray.endsWith(`:${trap.port}`)),
      strays.join('\n'),
    );
  });
});
