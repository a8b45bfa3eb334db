import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import { recovery } from '../../../src/cluster/recovery.ts';
import { connectOutbound } from '../../../src/deliver/outbound.ts';
import { segment } from '../../../src/deliver/segment.ts';
import { sendPending } from '../../../src/operator/outbox/send.ts';
import { messageId } from '../../../src/record/events.ts';
import { firstLedger } from '../../../src/record/ledger.ts';
import { openRecorder } from '../../../src/record/recorder.ts';
import { notifier } from '../../../src/runtime/notifier.ts';
import { type Answer, endpoint, success } from '../../deliver/servers.ts';

const HOUR = 3_600_000;
const CLUSTER = 'ab'.repeat(32);
const BORN = Date.parse('2026-11-23T11:00:00Z') / 1000;

interface Rules {
  /** The UIDs whose events are refused, with the status of each refusal. */
  readonly refused: Map<string, number>;
  /** The largest batch that is not refused with a 413. */
  maxBatch: number;
  /** The status of every response, whatever the request contains. */
  always: number | undefined;
}

/** A sender with fake time, and real requests to an endpoint that refuses some events. */
async function setup(t: TestContext) {
  const clock = fakeTime();
  const rules: Rules = { refused: new Map(), maxBatch: 10_000, always: undefined };
  const accepted = new Set<string>();
  const repeated: string[] = [];
  const batches: number[] = [];
  const uidOf = new Map<string, string>();
  const statusFor = (ids: readonly string[]) => {
    if (rules.always !== undefined) return rules.always;
    if (ids.length > rules.maxBatch) return 413;
    return ids.map((id) => rules.refused.get(uidOf.get(id) ?? '')).find(Boolean) ?? 200;
  };
  const answer: Answer = (response, request) => {
    const { messageIds } = request;
    batches.push(messageIds.length);
    const status = statusFor(messageIds);
    if (status !== 200) return response.writeHead(status).end('{"error": "no"}');
    for (const id of messageIds) accepted.has(id) ? repeated.push(id) : accepted.add(id);
    return success(response, request);
  };
  const server = await endpoint(t, answer);
  const outbound = connectOutbound({ environment: {} });
  let inFlight = 0;
  const delivery = segment({
    endpoint: server.url,
    writeKey: 'key',
    fetch: outbound.fetch,
    timeoutMs: 10_000,
    flushAt: 250,
    flushIntervalMs: 1,
    onAcknowledged: () => {},
  });
  const enqueued = notifier();
  const recorder = openRecorder(firstLedger({ createdAt: BORN, resourceVersion: '1' }), {
    clusterId: CLUSTER,
    onChange: (change) => change === 'enqueued' && enqueued.notify(),
  });
  const states: string[] = [];
  const refusals: string[] = [];
  const stop = new AbortController();
  const ended = sendPending(
    {
      recorder,
      clusterId: CLUSTER,
      async deliver(event) {
        inFlight += 1;
        await delivery.deliver(event).finally(() => {
          inFlight -= 1;
        });
      },
      close: delivery.close,
      allowed: () => true,
      enqueued,
      time: clock.time,
      recovery: recovery({ time: clock.time, random: () => 0.5 }),
      random: () => 0.5,
      onFailed: () => {},
      onState: (state, error) => states.push(error instanceof Error ? error.message : state),
      onRefused: (messageId, { message }) => refusals.push(`${uidOf.get(messageId)} ${message}`),
    },
    stop.signal,
  );
  t.after(async () => {
    stop.abort();
    await ended;
    await outbound.close();
  });

  let made = 0;
  function create(count: number): void {
    for (let index = 0; index < count; index += 1) {
      made += 1;
      const uid = `uid-${made}`;
      const occurrence = { name: 'api-created', subject: uid, at: BORN + made } as const;
      uidOf.set(messageId(CLUSTER, occurrence), uid);
      const createdAt = BORN + made;
      recorder.added({ kind: 'API', uid, createdAt, resourceVersion: '2', seenAt: createdAt });
    }
  }

  /** Advances time in small steps, each of which waits for the requests that it began. */
  async function pass(ms: number, stepMs = 250): Promise<void> {
    for (let gone = 0; gone < ms; gone += stepMs) {
      await clock.pass(Math.min(stepMs, ms - gone));
      while (inFlight > 0) await turn();
    }
  }
  const refuse = (...uids: readonly (string | number)[]) => {
    for (const uid of uids) rules.refused.set(`uid-${uid}`, 400);
  };
  return {
    ...{ recorder, rules, accepted, repeated, batches, states, refusals },
    create,
    pass,
    refuse,
  };
}

describe('an endpoint that refuses some events for good', () => {
  it('receives all others, in a batch and later, and one line names the refused one', async (t) => {
    const { create, pass, refuse, accepted, recorder, refusals, states } = await setup(t);
    refuse(3);
    create(6);
    await pass(3_000);
    assert.equal(accepted.size, 5);
    create(4);
    await pass(1_000);
    assert.equal(accepted.size, 9);
    await pass(24 * HOUR, HOUR / 4);
    assert.deepEqual(refusals, ['uid-3 answered 400']);
    assert.deepEqual(states, []);
    assert.equal(recorder.unacknowledged(), 1);
  });

  for (const status of [400, 413, 500]) {
    it(`receives 992 of 1,000 within seconds and a bounded number of requests: ${status}`, async (t) => {
      const { create, pass, rules, accepted, repeated, batches, refusals, states } = await setup(t);
      const bad = [1, 2, 77, 250, 251, 600, 999, 1_000];
      for (const uid of bad) rules.refused.set(`uid-${uid}`, status);
      create(1_000);
      await pass(5_000, 25);
      assert.equal(accepted.size, 992);
      assert.deepEqual(repeated, []);
      assert.deepEqual(
        new Set(refusals),
        new Set(bad.map((uid) => `uid-${uid} answered ${status}`)),
      );
      assert.equal(refusals.length, bad.length);
      assert.deepEqual(states, []);
      const bound = 2 * bad.length * Math.log2(1_000);
      assert.ok(batches.length <= bound, `${batches.length} requests`);
      t.diagnostic(`${batches.length} requests for ${bad.length} of 1,000`);
    });
  }

  it('receives the refused events as soon as it accepts them', async (t) => {
    const { create, pass, refuse, rules, accepted, recorder, refusals } = await setup(t);
    refuse(2, 5, 6, 7, 8, 9);
    create(10);
    await pass(6_000);
    assert.equal(accepted.size, 4);
    await pass(6 * HOUR, 60_000);
    rules.refused.delete('uid-7');
    await pass(2 * HOUR, 30_000);
    assert.equal(accepted.size, 5);
    rules.refused.clear();
    await pass(2 * HOUR, 30_000);
    assert.equal(accepted.size, 10);
    assert.equal(recorder.unacknowledged(), 0);
    assert.equal(refusals.length, 6);
  });

  it('seldom receives requests for refused events', async (t) => {
    const { create, pass, refuse, batches } = await setup(t);
    refuse(1);
    create(10);
    await pass(3_000);
    const before = batches.length;
    await pass(24 * HOUR, 300_000);
    assert.ok(batches.length - before < 45, `${batches.length - before} requests in a day`);
  });
});

describe('an endpoint that refuses every event', () => {
  it('seldom receives requests, with one line, and receives all events once it accepts them', async (t) => {
    const { create, pass, rules, accepted, states, refusals, batches } = await setup(t);
    rules.always = 400;
    create(1_000);
    await pass(10_000);
    const atFirst = batches.length;
    assert.ok(atFirst < 40, `${atFirst} requests at first`);
    await pass(24 * HOUR, 300_000);
    const inDay = batches.length - atFirst;
    t.diagnostic(`${atFirst} requests at first, ${inDay} in a day`);
    assert.ok(inDay < 5_000, `${inDay} requests in a day`);
    assert.deepEqual(states, ['answered 400']);
    assert.deepEqual(refusals, []);
    rules.always = undefined;
    await pass(HOUR + 60_000, 30_000);
    assert.equal(accepted.size, 1_000);
    assert.deepEqual(states, ['answered 400', 'available']);
    assert.deepEqual(refusals, []);
  });

  for (const status of [401, 403, 404]) {
    it(`over its key or address does not receive halves of the batch: ${status}`, async (t) => {
      const { create, pass, rules, states, refusals, batches, accepted } = await setup(t);
      rules.always = status;
      create(1_000);
      await pass(10_000);
      assert.equal(batches.length, 4);
      await pass(HOUR, 30_000);
      assert.deepEqual(new Set(batches.slice(4)), new Set([1]));
      assert.ok(batches.length < 20, `${batches.length} requests in an hour`);
      assert.deepEqual(states, [`answered ${status}`]);
      assert.deepEqual(refusals, []);
      rules.always = undefined;
      await pass(HOUR, 30_000);
      assert.equal(accepted.size, 1_000);
    });
  }
});

describe('an endpoint for which batches are too large', () => {
  it('receives smaller ones for an hour', async (t) => {
    const { create, pass, rules, accepted, batches, refusals, states } = await setup(t);
    rules.maxBatch = 100;
    create(1_000);
    await pass(10_000);
    assert.equal(accepted.size, 1_000);
    const before = batches.length;
    create(600);
    await pass(5_000);
    assert.equal(accepted.size, 1_600);
    assert.ok(Math.max(...batches.slice(before)) <= 100, 'no further batch is too large');
    await pass(HOUR, 60_000);
    create(1_000);
    await pass(5_000);
    assert.equal(accepted.size, 2_600);
    assert.ok(Math.max(...batches.slice(before)) > 100, 'later a larger batch is sent again');
    assert.deepEqual([...refusals, ...states], []);
  });
});
