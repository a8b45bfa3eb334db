import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { startApiProxy } from '../../lab/support/api-proxy.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { connect } from '../../src/cluster/connect.ts';
import { discovery } from '../../src/cluster/discover.ts';
import { recovery } from '../../src/cluster/recovery.ts';
import { reflect } from '../../src/cluster/reflect.ts';
import { sightingReader } from '../../src/cluster/sighting-reader.ts';
import type { RestartReason, WatchMonitor, WatchSink } from '../../src/cluster/watch-sink.ts';
import type { Sighting } from '../../src/event.ts';
import { systemTime } from '../../src/runtime/time.ts';

/** A watch that says nothing for so long is given up here, in milliseconds. */
const SILENCE_MS = 1_500;
let lab: Lab;
let rounds = 0;

before(async () => {
  lab = await startLab({ namespaces: ['users'] });
});
after(() => lab.close());

interface FollowOptions {
  /** Where the watch begins; absent, with a list. */
  readonly from?: string;
  readonly relistMs?: number;
}

/** Follows the APIs of the real API server through a proxy, with less patience than the operator has. */
async function follow(t: TestContext, { from, relistMs = 3_600_000 }: FollowOptions = {}) {
  const proxy = await startApiProxy(lab.cp);
  const { request, close } = connect({ kubeconfig: await proxy.kubeconfig() });
  const uids: string[] = [];
  const restarts: RestartReason[] = [];
  const see = async (sighting: Sighting) => void uids.push(sighting.uid);
  const sink: WatchSink = {
    start: () => from,
    consentRevision: () => undefined,
    listedAtConsent: () => ({ take: () => {}, complete: async () => true }),
    listing: () => ({
      take: (sightings) => uids.push(...sightings.map(({ uid }) => uid)),
      complete: async () => true,
    }),
    added: see,
    deleted: async () => {},
    progressed: () => {},
    absent: () => {},
  };
  const monitor: WatchMonitor = {
    became: () => {},
    restarted: (_, reason) => void restarts.push(reason),
    turned: () => {},
  };
  const stop = new AbortController();
  const following = reflect(
    'API',
    {
      request,
      reader: sightingReader,
      discover: discovery({ request, time: systemTime }),
      sink,
      monitor,
      time: systemTime,
      recovery: recovery({ time: systemTime, random: Math.random }),
      backoff: { baseMs: 100, capMs: 200, random: Math.random },
      rediscoverMs: 100,
      idleTimeoutMs: SILENCE_MS,
      watchMs: 60_000,
      relistMs,
    },
    stop.signal,
  );
  t.after(async () => {
    stop.abort();
    await following;
    await close();
    await proxy[Symbol.asyncDispose]();
  });
  return { proxy, uids, restarts };
}

async function createOne(): Promise<string> {
  rounds += 1;
  const name = `silent-${rounds}`;
  return (await lab.users.create({ kind: 'API', namespace: 'users', name })).uid;
}

describe('a watch through which nothing comes any more', { concurrency: 2 }, () => {
  it('is given up, and what happened meanwhile is seen', async (t) => {
    const { proxy, uids, restarts } = await follow(t);
    await eventually(() => assert.equal(proxy.watches().length, 1));
    const [watch = assert.fail()] = proxy.watches();
    watch.silence();
    const meanwhile = await createOne();
    await eventually(() => assert.ok(uids.includes(meanwhile)));
    assert.ok(restarts.includes('silent'));
    assert.ok(!proxy.watches().includes(watch), 'its connection was closed');
    assert.equal(uids.filter((uid) => uid === meanwhile).length, 1);
  });

  it('is given up also if it never got a response', async (t) => {
    const { proxy, uids, restarts } = await follow(t);
    await eventually(() => assert.equal(proxy.watches().length, 1));
    proxy.fail(({ url }) => (url.includes('watch=true') ? 'hang' : undefined));
    proxy.cutAll();
    await eventually(() => assert.ok(restarts.length >= 2));
    const meanwhile = await createOne();
    proxy.mend();
    await eventually(() => assert.ok(uids.includes(meanwhile)));
  });

  const nowhere = ['broken', '99999999999999', '18446744073709551616'];
  for (const from of nowhere) {
    it(`finds its place where it is to begin at ${from}`, async (t) => {
      const { proxy, uids } = await follow(t, { from, relistMs: SILENCE_MS });
      await eventually(() => {
        const elsewhere = proxy.watches().filter(({ url }) => !url.includes(`Version=${from}&`));
        assert.equal(elsewhere.length, 1);
      });
      const created = await createOne();
      await eventually(() => assert.ok(uids.includes(created)));
    });
  }
});
