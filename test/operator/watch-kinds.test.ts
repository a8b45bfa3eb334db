import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { jsonBody } from '../../lab/support/json-body.ts';
import type { KubeRequest, KubeRequestOptions } from '../../src/cluster/connect.ts';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import { recovery } from '../../src/cluster/recovery.ts';
import { KINDS } from '../../src/event.ts';
import { isReady, newHealth } from '../../src/operator/observability/health.ts';
import { watchKinds } from '../../src/operator/watch-kinds.ts';
import { firstLedger, PENDING_LIMIT } from '../../src/record/ledger.ts';
import { openRecorder } from '../../src/record/recorder.ts';
import { notifier } from '../../src/runtime/notifier.ts';

const GROUP = '/apis/gateway.kusk.io';
const BORN = Date.parse('2026-11-22T12:00:00Z') / 1000;

type Query = Readonly<Record<string, string>>;

/** Whether a request is for the history that the API server no longer has. */
function isGone(query: Query): boolean {
  return 'resourceVersionMatch' in query || query.resourceVersion === '100';
}

/** Watches the kinds of an API server on which each has one resource that the ledger does not know. */
function setup(t: TestContext, { pending }: { readonly pending: number }) {
  const { time, pass } = fakeTime();
  const stop = new AbortController();
  const capacity = notifier();
  /** The statuses of refusals, by path. */
  const refusals = new Map<string, number>();
  const states: string[] = [];
  const recorder = openRecorder(firstLedger({ createdAt: BORN, resourceVersion: '100' }), {
    clusterId: 'ab'.repeat(32),
    onChange: (change) => change === 'acknowledged' && capacity.notify(),
  });
  for (let index = 1; index <= pending; index += 1) {
    const createdAt = BORN + index;
    const uid = `uid-${index}`;
    recorder.added({ kind: 'API', uid, createdAt, resourceVersion: '101', seenAt: createdAt });
  }
  const health = Object.assign(newHealth(), {
    consent: true,
    leading: true,
    full: () => recorder.capacity() <= 0,
  });

  function respond(path: string, query: Query, signal: AbortSignal) {
    const resources = KINDS.map((kind) => ({ kind, name: `${kind.toLowerCase()}s` }));
    if (path === GROUP) return jsonBody({ versions: [{ version: 'v1' }] });
    if (path === `${GROUP}/v1`) return jsonBody({ resources });
    const refusal = refusals.get(path);
    if (refusal !== undefined) throw new KubeStatusError(refusal);
    if (isGone(query)) throw new KubeStatusError(410);
    if (query.watch) return new Readable({ read() {}, signal });
    const creationTimestamp = '2026-11-23T11:59:00Z';
    const metadata = { uid: `new-${path}`, creationTimestamp, resourceVersion: '400' };
    return jsonBody({ metadata: { resourceVersion: '500' }, items: [{ metadata }] });
  }

  const request = (async (path: string, { query = {}, signal }: KubeRequestOptions) => ({
    headers: { date: new Date(time.now()).toUTCString() },
    body: respond(path, query, signal),
  })) as unknown as KubeRequest;
  const ended = watchKinds(
    {
      ...{ request, time, recorder, health, capacity },
      recovery: recovery({ time, random: () => 0.5 }),
      random: () => 0.5,
      onState: (kind, state, error) =>
        states.push(`${kind} ${state}${error instanceof Error ? `: ${error.message}` : ''}`),
    },
    stop.signal,
  );
  t.after(async () => {
    stop.abort();
    await ended;
  });
  return { recorder, health, refusals, states, pass };
}

describe('a leader whose history is gone', () => {
  it('is ready after its lists', async (t) => {
    const { recorder, health, pass } = setup(t, { pending: 0 });
    await pass(1_000);
    assert.equal(recorder.unacknowledged(), 3);
    assert.ok(isReady(health));
  });

  it('is ready too if the queue is full, and records the rest once it has room', async (t) => {
    const { recorder, health, pass } = setup(t, { pending: PENDING_LIMIT });
    await pass(1_000);
    assert.ok(isReady(health));
    assert.equal(recorder.unacknowledged(), PENDING_LIMIT);
    for (const occurrence of recorder.pending(10)) recorder.acknowledged(occurrence);
    await pass(1_000);
    assert.equal(recorder.unacknowledged(), PENDING_LIMIT - 10 + 3);
    assert.ok(isReady(health));
  });

  it('is not ready while the queue is full and a kind cannot be listed', async (t) => {
    const { health, refusals, pass } = setup(t, { pending: PENDING_LIMIT });
    refusals.set(`${GROUP}/v1/staticroutes`, 403);
    await pass(1_000);
    assert.ok(!isReady(health));
  });
});

describe('a kind that cannot be watched', () => {
  it('is reported with each failure, because the cause may change', async (t) => {
    const { states, refusals, pass } = setup(t, { pending: 0 });
    for (const status of [503, 403]) {
      refusals.set(`${GROUP}/v1/staticroutes`, status);
      await pass(60_000);
    }
    refusals.clear();
    await pass(60_000);
    const own = states.filter((state) => state.startsWith('StaticRoute'));
    assert.deepEqual(
      [...new Set(own)],
      [
        'StaticRoute failing: answered 503',
        'StaticRoute failing: answered 403',
        'StaticRoute watching',
      ],
    );
    assert.equal(own.filter((state) => state.endsWith('watching')).length, 1);
  });
});
