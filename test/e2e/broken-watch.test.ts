import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type ApiProxy, type Fault, startApiProxy } from '../../lab/support/api-proxy.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import type { Operator } from '../../lab/support/operator.ts';
import type { Creation } from '../../lab/support/resources.ts';
import { KINDS, type Rounds, rounds } from '../../lab/support/rounds.ts';
import type { Site } from '../../lab/support/site.ts';

const GROUP = '/apis/gateway.kusk.io/v1alpha1/';
const TROUBLE = /^cannot watch resources: trying again$/;
const BACK = 'resources are watched again';
let lab: Lab;
let sites = 0;
let createSome: Rounds['createSome'];
let timesTold: Rounds['timesTold'];

before(async () => {
  lab = await startLab({ namespaces: ['users'] });
  ({ createSome, timesTold } = rounds(lab));
});
after(() => lab.close());

/** An operator that watches through a proxy of the API server, and has sent some creations. */
async function setup(t: TestContext, user: { readonly tokenFile?: string } = {}) {
  sites += 1;
  const site = await lab.site(`watch-${sites}`);
  const proxy = await startApiProxy(lab.cp);
  t.after(async () => {
    await site[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
  const operator = await site.start({ kubeconfig: await proxy.kubeconfig(user) });
  await operator.ready();
  const told = await createSome();
  await site.arrived(told);
  // They may have come with the lists, before the watches are open.
  await eventually(() => assert.equal(proxy.watches().length, KINDS.length));
  return { site, proxy, operator, told };
}

const isOurs = (url: string) => url.startsWith(GROUP);
const isWatch = (url: string) => isOurs(url) && url.includes('watch=true');

/** Makes requests fail, breaks what is open, and resolves once so many have failed for each kind. */
async function failing(
  proxy: ApiProxy,
  { fault, hits, times }: { fault: Fault; hits: (url: string) => boolean; times: number },
): Promise<void> {
  const seen = proxy.exchanges.length;
  proxy.fail(({ url }) => (hits(url) ? fault : undefined));
  proxy.cutAll();
  await eventually(() => {
    const failed = proxy.exchanges.slice(seen).filter(({ status }) => status === fault.status);
    const paths = failed.map(({ url }) => url.split('?')[0] ?? '');
    for (const path of new Set(paths)) {
      assert.ok(paths.filter((one) => one === path).length >= times, path);
    }
    assert.equal(new Set(paths).size, KINDS.length);
  });
}

async function watchedAgain({ lines }: Operator): Promise<void> {
  await eventually(() => assert.ok(lines.some(({ msg }) => msg === BACK)));
}

const troubleIn = ({ lines }: Operator) => lines.filter(({ level }) => level !== 'info');

/** One line when it went wrong, with its reason, and one when it was well again. */
function assertOneTrouble(operator: Operator, reason: RegExp): void {
  const [line, ...others] = troubleIn(operator);
  assert.deepEqual(others, []);
  assert.match(line?.msg ?? '', TROUBLE);
  assert.match(String(line?.reason), reason);
  assert.equal(operator.lines.filter(({ msg }) => msg === BACK).length, 1);
}

/** Each was sent once, by messageId. */
function assertOnce(site: Site, creations: readonly Creation[]): void {
  assert.deepEqual(
    timesTold(site, creations),
    creations.map(() => 1),
  );
}

describe('a watch that breaks', { concurrency: 2 }, () => {
  const injected: readonly (readonly [string, string, RegExp])[] = [
    ['a line that is not JSON', 'zq{not json\n', /^sent a watch event of an unknown type$/],
    ['a line that is no event', '[]\n', /^sent a watch event of an unknown type$/],
    ['null', 'null\n', /^sent a watch event of an unknown type$/],
    [
      'an event of an unknown type',
      '{"type":"RENAMED","object":{}}\n',
      /^sent a watch event of an unknown type$/,
    ],
    [
      'an object without metadata',
      '{"type":"ADDED","object":{"kind":"Status"}}\n',
      /^sent an object without uid, time or resourceVersion$/,
    ],
    [
      'an object that was created at no time',
      '{"type":"ADDED","object":{"metadata":{"uid":"u","resourceVersion":"1","creationTimestamp":"soon"}}}\n',
      /^sent an object without uid, time or resourceVersion$/,
    ],
    [
      'a bookmark without resourceVersion',
      '{"type":"BOOKMARK","object":{"metadata":{}}}\n',
      /^sent an object without resourceVersion$/,
    ],
    ['a text without end', `"${'x'.repeat(65 * 1_048_576)}`, /^sent a value without end$/],
    [
      'an error of its own',
      '{"type":"ERROR","object":{"kind":"Status","code":500,"reason":"InternalError","message":"zq"}}\n',
      /^answered 500 InternalError$/,
    ],
  ];
  for (const [title, text, reason] of injected) {
    it(`goes on where it was: ${title}`, async (t) => {
      const { site, proxy, operator, told } = await setup(t);
      const watch = proxy.watches().find(({ url }) => url.startsWith(`${GROUP}apis`));
      assert.ok(watch);
      watch.inject(text);
      await eventually(() => assert.equal(troubleIn(operator).length, 1));
      const meanwhile = await createSome();
      await watchedAgain(operator);
      const fresh = await createSome();
      await site.arrived([...meanwhile, ...fresh]);
      assert.equal(await operator.stop(), 0);
      assertOneTrouble(operator, reason);
      assert.ok(!operator.output().includes('zq'));
      assertOnce(site, [...told, ...meanwhile, ...fresh]);
    });
  }

  it('goes on where it was, without a word, where the server ends it', async (t) => {
    const { site, proxy, operator, told } = await setup(t);
    const ended = proxy.watches();
    for (const watch of ended) watch.end();
    await eventually(() => {
      assert.equal(proxy.watches().filter((watch) => !ended.includes(watch)).length, KINDS.length);
    });
    const fresh = await createSome();
    await site.arrived(fresh);
    assert.equal(await operator.stop(), 0);
    assert.deepEqual(troubleIn(operator), []);
    assertOnce(site, [...told, ...fresh]);
  });

  it('goes on where it was after it was cut', async (t) => {
    const { site, proxy, operator, told } = await setup(t);
    for (const watch of proxy.watches()) watch.cut();
    const meanwhile = await createSome();
    await site.arrived(meanwhile);
    assert.equal(await operator.stop(), 0);
    // It is logged unless the watches have been open for ten seconds.
    if (troubleIn(operator).length > 0) assertOneTrouble(operator, /^connection failed/);
    assertOnce(site, [...told, ...meanwhile]);
  });
});

describe('an API server that refuses', { concurrency: 2 }, () => {
  const cases: readonly (readonly [string, Fault, (url: string) => boolean])[] = [
    ['500, all requests', { status: 500 }, isOurs],
    ['503, all requests', { status: 503 }, isOurs],
    ['503 with a page of some proxy', { status: 503, body: '<html>zq</html>' }, isOurs],
    ['401, watches', { status: 401 }, isWatch],
    ['429 without Retry-After', { status: 429 }, isWatch],
  ];
  for (const [title, fault, hits] of cases) {
    it(`is asked again until it does not: ${title}`, async (t) => {
      const { site, proxy, operator, told } = await setup(t);
      await failing(proxy, { fault, hits, times: 3 });
      const meanwhile = await createSome();
      proxy.mend();
      await watchedAgain(operator);
      const fresh = await createSome();
      await site.arrived([...meanwhile, ...fresh]);
      assert.equal((await fetch(`${operator.healthUrl}/healthz`)).status, 200);
      assert.equal(await operator.stop(), 0);
      const [line, ...others] = troubleIn(operator).filter(({ msg }) => TROUBLE.test(msg));
      assert.match(String(line?.reason), /^(answered \d{3}|connection failed)/);
      // A person may have to act: that has a line after the broken connection's.
      const advised = fault.status === 401 && line?.todo === undefined ? ['answered 401'] : [];
      assert.deepEqual(
        others.map(({ reason }) => reason),
        advised,
      );
      assert.ok(!operator.output().includes('zq'));
      assertOnce(site, [...told, ...meanwhile, ...fresh]);
    });
  }

  it('is left alone for as long as it asks by Retry-After', async (t) => {
    const { site, proxy, operator, told } = await setup(t);
    const refusals = new Map<string, number[]>();
    proxy.fail(({ url }) => {
      if (!isWatch(url)) return undefined;
      const path = url.split('?')[0] ?? '';
      refusals.set(path, [...(refusals.get(path) ?? []), performance.now()]);
      return { status: 429, headers: { 'Retry-After': '2' } };
    });
    for (const watch of proxy.watches()) watch.cut();
    await eventually(() => {
      assert.equal(refusals.size, KINDS.length);
      for (const moments of refusals.values()) assert.ok(moments.length >= 3);
    });
    const meanwhile = await createSome();
    proxy.mend();
    await site.arrived(meanwhile);
    assert.equal(await operator.stop(), 0);
    for (const moments of refusals.values()) {
      const pauses = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
      assert.ok(Math.min(...pauses) >= 2_000, pauses.join(', '));
    }
    assertOnce(site, [...told, ...meanwhile]);
  });
});

describe('a token that is rotated', () => {
  it('is read anew once the old one is refused', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'kusk-token-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const tokenFile = join(folder, 'token');
    const account = ['-n', 'kusk-system', 'create', 'token', 'kusk-gateway-telemetry'];
    const newToken = async () => (await lab.cp.kubectl(account)).trim();
    const [old, fresh] = [await newToken(), await newToken()];
    assert.notEqual(old, fresh);
    writeFileSync(tokenFile, old);
    const { site, proxy, operator, told } = await setup(t, { tokenFile });
    const unauthorized = JSON.stringify({ kind: 'Status', code: 401, reason: 'Unauthorized' });

    proxy.fail(({ headers }) =>
      headers.authorization === `Bearer ${old}` ? { status: 401, body: unauthorized } : undefined,
    );
    proxy.cutAll();
    await eventually(() => assert.ok(troubleIn(operator).length > 0));
    writeFileSync(tokenFile, fresh);
    const meanwhile = await createSome();
    await site.arrived(meanwhile);
    await watchedAgain(operator);
    assert.equal(await operator.stop(), 0);
    assertOnce(site, [...told, ...meanwhile]);
    for (const token of [old, fresh]) assert.ok(!operator.output().includes(token));
  });
});

describe('a CRD that is deleted under the watch', () => {
  it('is waited for, and what is created after it is back is sent', async (t) => {
    const { site, proxy, operator, told } = await setup(t);
    await lab.cp.kubectl(['delete', 'crd', 'staticroutes.gateway.kusk.io']);
    const missing = () =>
      operator.lines.filter(({ msg }) => msg === 'the CRD is not installed: waiting for it');
    await eventually(() => assert.equal(missing().length, 1));
    assert.equal(missing()[0]?.kind, 'StaticRoute');
    assert.equal((await fetch(`${operator.healthUrl}/healthz`)).status, 200);
    const api = await lab.users.create({ kind: 'API', namespace: 'users', name: 'without' });
    await site.arrived([api]);

    // Before the API server has filled its cache of a new CRD, a list succeeds and the watch after it fails.
    const path = `${GROUP}staticroutes`;
    proxy.fail(({ url }) => (url.split('?')[0] === path ? { status: 404 } : undefined));
    await lab.installCrds();
    const watch = ['get', '--raw', `${path}?watch=true&timeoutSeconds=1`];
    await eventually(() => lab.cp.kubectl(watch));
    proxy.mend();
    await eventually(() => {
      assert.ok(operator.lines.some(({ msg }) => msg === 'the CRD is installed'));
    });
    const back = await createSome();
    await site.arrived(back);
    assert.equal(await operator.stop(), 0);
    assert.deepEqual(troubleIn(operator), []);
    assertOnce(site, [...told, api, ...back]);
  });
});
