import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../../lab/control-plane/ports.ts';
import { type ControlPlane, startControlPlane } from '../../lab/control-plane/start.ts';
import { type Endpoint, startEndpoint } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import {
  type KuskDashboard,
  type KuskDashboardOptions,
  startDashboard,
} from '../../lab/support/kusk-dashboard.ts';
import { programOf } from '../../lab/support/programs.ts';
import { runToEnd } from '../../lab/support/run.ts';
import { chromiumMissing, startBrowser } from '../web/browser.ts';
import { sendersOf, type Variables } from './kusk-machine.ts';

const missing = await chromiumMissing();

let cp: ControlPlane;
let endpoint: Endpoint;
const folder = mkdtempSync(join(tmpdir(), 'kusk-dashboard-'));
const started: KuskDashboard[] = [];

before(async () => {
  [cp, endpoint] = await Promise.all([startControlPlane({ rights: null }), startEndpoint()]);
  const { code, err } = await kusk(['cluster', 'install', '--no-wait', '--analytics', 'on']);
  assert.equal(code, 0, err);
});
after(async () => {
  for (const dashboard of started) await dashboard.stop('SIGKILL');
  await Promise.all([endpoint.close(), cp.close()]);
  // Senders outlive `kusk dashboard` and write into these folders.
  await eventually(() => {
    assert.deepEqual(
      sendersOf((home) => home.startsWith(folder)),
      [],
    );
  });
  rmSync(folder, { recursive: true });
});

/** The variables of a machine on which the notice was seen long ago. */
function machine(name: string): Variables {
  const home = join(folder, name);
  const state = join(home, '.local/state/kusk');
  mkdirSync(state, { recursive: true, mode: 0o700 });
  writeFileSync(join(state, 'notice'), '2026-01-01T00:00:00.000Z');
  return {
    HOME: home,
    KUBECONFIG: cp.adminKubeconfig,
    ANALYTICS_ENDPOINT: endpoint.url,
    ANALYTICS_WRITE_KEY: 'a-write-key',
  };
}

/** Runs `kusk` on a machine whose telemetry is off. */
async function kusk(args: readonly string[], env: Variables = {}) {
  const variables = { PATH: process.env.PATH ?? '', KUBECONFIG: cp.adminKubeconfig, ...env };
  const ran = await runToEnd(process.execPath, [programOf('kusk'), ...args], {
    env: { HOME: folder, DO_NOT_TRACK: '1', ...variables } as Record<string, string>,
  });
  return { code: ran.code, out: ran.out, err: ran.problem };
}

async function dashboard(options: Omit<KuskDashboardOptions, 'program'>): Promise<KuskDashboard> {
  const one = await startDashboard({ program: programOf('kusk'), ...options });
  started.push(one);
  return one;
}

/** Resolves once the page knows whether telemetry of the cluster is on. */
async function stateKnown(of: KuskDashboard): Promise<string> {
  return await eventually(async () => {
    const text = await (await of.get('/')).text();
    assert.match(text, /Telemetry is o(n|ff)/);
    return text;
  });
}

const sessions = () =>
  endpoint.arrivals.flatMap(({ messages }) =>
    messages.filter(({ event }) => event === 'kusk-dashboard'),
  );

describe('kusk dashboard', () => {
  it('serves its pages, says where, and ends with Ctrl-C while a page is open', async () => {
    const one = await dashboard({ env: machine('first') });
    assert.match(one.address, /^http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{48}$/);
    assert.match(
      one.notices(),
      /^The dashboard of \S+, https:\/\/127\.0\.0\.1:\d+\. Ctrl-C ends it\.\n$/,
    );
    const text = await stateKnown(one);
    assert.match(text, /Telemetry is on/);
    const events = await one.get('/events');
    const reader = events.body?.getReader();
    assert.ok((await reader?.read())?.value);
    assert.equal(await one.stop(), 0);
    await assert.rejects(async () => {
      while (!(await reader?.read())?.done);
      throw new Error('the stream has ended');
    });
  });

  it('shows markup and hidden characters of a resource as text', async () => {
    const one = await dashboard({ env: machine('hostile') });
    const host = '"><script>alert(1)</script>\u202egnp.exe\u0007';
    const route = {
      apiVersion: 'gateway.kusk.io/v1alpha1',
      kind: 'StaticRoute',
      metadata: { name: 'hostile', namespace: 'default', annotations: { note: host } },
      spec: { hosts: [host] },
    };
    await cp.kubectl(['apply', '--validate=ignore', '-f', '-'], { input: JSON.stringify(route) });
    const text = await eventually(async () => {
      const page = await (await one.get('/resources?q=script')).text();
      assert.match(page, />hostile</);
      return page;
    });
    assert.match(
      text,
      /&lt;script&gt;alert\(1\)&lt;\/script&gt;<span[^>]*>\\u202e<\/span>gnp\.exe/,
    );
    assert.doesNotMatch(text, /<script>|\u202e/);
    await one.stop();
  });

  it('takes the next port if 8080 or another one is in use, and says so', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { port } = blocker.address() as { readonly port: number };
    const one = await dashboard({ env: machine('port'), args: ['--external-port', String(port)] });
    const other = new URL(one.address).port;
    assert.notEqual(other, String(port));
    assert.ok(
      one.notices().startsWith(`Port ${port} is not free: the dashboard is at port ${other}.\n`),
    );
    await one.stop('SIGTERM');
    blocker.close();
  });

  const refused = [
    { args: ['--address', '0.0.0.0'], code: 2, says: /can be reached from other machines.*--yes/s },
    { args: ['--address', '203.0.113.7', '--yes'], code: 1, says: /is not an address of this/ },
    { args: ['--kubeconfig', '/nonexistent'], code: 3, says: /--kubeconfig names \/nonexistent/ },
  ];
  for (const { args, code, says } of refused) {
    it(`says what to write instead of ${args.join(' ')}`, async () => {
      const ran = await kusk(['dashboard', '--no-open', ...args]);
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.err, says);
      assert.equal(ran.out, '');
    });
  }
});

describe('a session of the dashboard', () => {
  it('is one event, which has nothing of the cluster or the machine', async () => {
    const env = machine('counted');
    const one = await dashboard({ env });
    await stateKnown(one);
    await one.reportSession();
    await one.reportSession();
    const [event] = await eventually(() => {
      assert.equal(sessions().length, 1);
      return sessions();
    });
    const text = await (await one.get('/')).text();
    assert.ok(text.includes(event?.messageId ?? 'none'), 'the page shows what was sent');
    const others = endpoint.arrivals.flatMap(({ messages }) => messages).filter((m) => m !== event);
    const known = others.flatMap(({ messageId, anonymousId }) => [messageId, anonymousId]);
    const id = /class="id">(?:<bdi>)?([0-9a-f]{64})/.exec(text)?.[1];
    for (const other of [...known, id]) {
      assert.notEqual(event?.anonymousId, other);
      assert.notEqual(event?.messageId, other);
    }
    const alone = endpoint.arrivals.find(({ messages }) => messages.includes(event as never));
    assert.equal(alone?.messages.length, 1);
    await one.stop();
  });

  const off = [
    { ANALYTICS_ENABLED: ' "OFF" ' },
    { DO_NOT_TRACK: '1' },
    { ANALYTICS_WRITE_KEY: '' },
  ];
  for (const switches of off) {
    it(`is not sent by a machine with ${JSON.stringify(switches)}`, async () => {
      // Its own: a sender of an earlier run may still be on its way to the other one.
      const unused = await startEndpoint();
      const env = { ...machine('off'), ANALYTICS_ENDPOINT: unused.url, ...switches };
      const one = await dashboard({ env });
      await stateKnown(one);
      await one.reportSession();
      await one.stop();
      await unused.close();
      assert.deepEqual(unused.arrivals, []);
    });
  }

  it('is not sent by the run that shows the notice', async () => {
    const before = sessions().length;
    const env = machine('new');
    writeFileSync(join(env.HOME ?? '', '.local/state/kusk/notice'), '2999-01-01T00:00:00.000Z');
    const one = await dashboard({ env });
    assert.match(await stateKnown(one), /notice about telemetry/);
    await one.reportSession();
    await one.stop();
    assert.equal(sessions().length, before);
  });

  it('counts once in a browser through a reload and a restart of kusk', {
    skip: missing,
  }, async () => {
    const before = sessions().length;
    const env = machine('browser');
    const args = ['--port', String(await freePort())];
    const first = await dashboard({ env, args });
    const browser = await startBrowser();
    const page = await (await browser.newContext()).newPage();
    await page.goto(first.address);
    await eventually(() => assert.equal(sessions().length, before + 1));
    await page.locator('#sessions').getByText('sent', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('This page keeps itself up to date.').waitFor();
    await first.stop();
    const second = await dashboard({ env, args });
    await page.goto(second.address);
    await page.getByText('This page keeps itself up to date.').waitFor();
    await stateKnown(second);
    await browser.close();
    await second.stop();
    assert.equal(sessions().length, before + 1);
  });

  it('is not sent while telemetry of the cluster is off', async () => {
    const before = sessions().length;
    assert.equal((await kusk(['analytics', 'disable', '--cluster'])).code, 0);
    const one = await dashboard({ env: machine('cluster-off') });
    assert.match(await stateKnown(one), /Telemetry is off/);
    await one.reportSession();
    await one.stop();
    assert.equal(sessions().length, before);
  });
});
