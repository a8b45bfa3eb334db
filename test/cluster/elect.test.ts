import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type FakeTime, fakeTime } from '../../lab/support/fake-time.ts';
import { elect, type Lead, type Leadership } from '../../src/cluster/elect.ts';
import { KubeStatusError, MissingObjectError } from '../../src/cluster/errors.ts';
import { type Lease, type LeaseSpec, type LeaseStore, microTime } from '../../src/cluster/lease.ts';
import { recovery } from '../../src/cluster/recovery.ts';

const HOUR = 3_600_000;

interface Network {
  /** How many writes from here find that another writer has just changed a label of the Lease. */
  touched?: number;
  /**
   * `request`: the request fails; `response`: it succeeds and its response is lost; `silent`: a
   * write never arrives and has no response; `late`: it arrives and has no response.
   */
  fails?: 'request' | 'response' | 'silent' | 'late' | undefined;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** A Lease on an API server. A write over an outdated version is refused. */
function leases() {
  let lease: Lease | undefined;
  let version = 0;
  let writes = 0;

  function put(spec: LeaseSpec): Lease {
    version += 1;
    lease = { resourceVersion: String(version), spec, object: {} };
    return lease;
  }

  /** Changes something unrelated to the election, such as a label. */
  const touch = () => void put(lease?.spec ?? {});

  /** Returns the API server behind the network of one replica. */
  function store(network: Network = {}): LeaseStore {
    const reached = (signal: AbortSignal) => {
      signal.throwIfAborted();
      if (network.fails === 'request') throw new KubeStatusError(503);
    };
    const refuse = (over: Lease) => {
      // The API server would create it, which needs another permission.
      if (!lease) throw new KubeStatusError(403, { reason: 'Forbidden' });
      if (lease.resourceVersion !== over.resourceVersion) throw new KubeStatusError(409);
    };
    const respond = (written: Lease) => {
      writes += 1;
      if (network.fails === 'response') throw new Error('connection lost');
      return written;
    };
    return {
      async read(signal) {
        reached(signal);
        return lease;
      },
      async create(spec, signal) {
        reached(signal);
        if (lease) throw new KubeStatusError(409);
        return respond(put(spec));
      },
      async write(spec, over, signal) {
        reached(signal);
        if (network.fails === 'silent') await aborted(signal);
        if (network.touched) {
          network.touched -= 1;
          touch();
        }
        refuse(over);
        const written = put({ ...over.spec, ...spec });
        if (network.fails === 'late') await aborted(signal);
        return respond(written);
      },
    };
  }

  return {
    store,
    holder: () => lease?.spec.holderIdentity,
    spec: () => lease?.spec,
    writes: () => writes,
    /** Replaces the Lease with a rendered chart. */
    empty: () => void put({}),
    touch,
    take: (holderIdentity: string, spec: LeaseSpec = {}) =>
      void put({ ...lease?.spec, holderIdentity, ...spec }),
    remove() {
      lease = undefined;
    },
  };
}

interface ReplicaOptions {
  readonly clock: FakeTime;
  readonly store: LeaseStore;
  readonly lead?: Lead;
}

/** A replica that may lead. */
function replica(identity: string, { clock, store, lead }: ReplicaOptions) {
  const stop = new AbortController();
  const states: string[] = [];
  const troubles: unknown[] = [];
  let successes = 0;
  let leadership: Leadership | undefined;
  let terms = 0;
  const untilAborted: Lead = (_, signal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const ended = elect(
    async (current, signal) => {
      leadership = current;
      terms += 1;
      await (lead ?? untilAborted)(current, signal).finally(() => {
        leadership = undefined;
      });
    },
    {
      store,
      identity,
      time: clock.time,
      recovery: recovery({ time: clock.time, random: () => 0.5 }),
      random: () => 0.5,
      onState: (state) => states.push(state),
      onTrouble: (error) => troubles.push(error),
      onSuccess: () => {
        successes += 1;
      },
    },
    stop.signal,
  );
  return {
    states,
    troubles,
    ended,
    stop: () => stop.abort(),
    successes: () => successes,
    terms: () => terms,
    /** Returns whether it may act as the leader now. */
    holds: () => leadership?.holds() ?? false,
  };
}

function setup() {
  const clock = fakeTime();
  const lease = leases();
  const store = lease.store();
  return { clock, lease, store };
}

describe('one replica', () => {
  it('creates the Lease and leads', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(0);
    assert.deepEqual(one.states, ['leading']);
    assert.deepEqual(lease.spec(), {
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2026-11-23T12:00:00.000000Z',
      renewTime: '2026-11-23T12:00:00.000000Z',
      leaseTransitions: 0,
    });
  });

  it('renews the lease every five seconds, and leads while it does', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(HOUR);
    assert.equal(lease.writes(), 1 + HOUR / 5_000);
    assert.equal(lease.spec()?.renewTime, '2026-11-23T13:00:00.000000Z');
    assert.equal(one.terms(), 1);
    assert.ok(one.holds());
  });

  it('takes its own lease immediately, as after a crash', async () => {
    const { clock, lease, store } = setup();
    lease.take('one');
    const one = replica('one', { clock, store });
    await clock.pass(0);
    assert.ok(one.holds());
    assert.equal(lease.spec()?.leaseTransitions, 0);
  });

  it('creates a deleted Lease again and continues to lead', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(0);
    lease.remove();
    await clock.pass(5_000);
    assert.equal(lease.holder(), 'one');
    await clock.pass(HOUR);
    assert.deepEqual(one.states, ['leading']);
    assert.deepEqual(one.troubles, []);
    assert.equal(one.terms(), 1);
  });

  it('reports a deleted Lease as missing, not as forbidden', async () => {
    const { clock, lease, store } = setup();
    const create = store.create;
    const missing = new MissingObjectError('the Lease', { cause: undefined });
    const rights = { create: true as boolean };
    const one = replica('one', {
      clock,
      store: {
        ...store,
        create: async (...given) => {
          if (!rights.create) throw missing;
          return await create(...given);
        },
      },
    });
    await clock.pass(0);
    rights.create = false;
    lease.remove();
    await clock.pass(5_000);
    assert.deepEqual(one.troubles, [missing]);
  });

  it('reports a forbidden update of an existing Lease as forbidden', async () => {
    const { clock, store } = setup();
    const forbidden = new KubeStatusError(403, { reason: 'Forbidden' });
    const rights = { update: true as boolean };
    const one = replica('one', {
      clock,
      store: {
        ...store,
        write: async (...given) => {
          if (!rights.update) throw forbidden;
          return await store.write(...given);
        },
      },
    });
    await clock.pass(0);
    rights.update = false;
    await clock.pass(5_000);
    assert.deepEqual(one.troubles, [forbidden]);
  });

  it('waits no longer than a lease lasts, even if the API server requests it', async () => {
    const { clock, lease, store } = setup();
    const busy = new KubeStatusError(429, { retryAfterMs: HOUR });
    let left = 1;
    const one = replica('one', {
      clock,
      store: {
        ...store,
        read: async (signal) => {
          left -= 1;
          if (left >= 0) throw busy;
          return await store.read(signal);
        },
      },
    });
    await clock.pass(14_999);
    assert.equal(lease.holder(), undefined, 'it waits first');
    await clock.pass(3_000);
    assert.ok(one.holds());
  });

  it('releases the lease when it is stopped', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(0);
    one.stop();
    await one.ended;
    assert.equal(lease.holder(), '');
    assert.equal(clock.waiting(), 1, 'only the deadline of the last write is pending');
  });

  it('releases the lease if the response to a renewal was lost', async () => {
    const { clock, lease } = setup();
    const network: { fails?: 'response' | undefined } = {};
    const one = replica('one', { clock, store: lease.store(network) });
    await clock.pass(0);
    network.fails = 'response';
    await clock.pass(5_000);
    network.fails = undefined;
    one.stop();
    await one.ended;
    assert.equal(lease.holder(), '');
  });

  it('can be stopped while it waits for the lease', async () => {
    const { clock, lease, store } = setup();
    lease.take('other');
    const one = replica('one', { clock, store });
    await clock.pass(1);
    one.stop();
    await one.ended;
    assert.equal(lease.holder(), 'other');
    assert.deepEqual(one.states, ['following']);
    assert.equal(clock.waiting(), 0);
  });

  it('releases the lease when its work is done', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store, lead: async () => undefined });
    await one.ended;
    assert.equal(lease.holder(), '');
  });

  it('rejects with the error of its work', async () => {
    const { clock, store } = setup();
    const lead = async () => {
      throw new Error('a fault');
    };
    await assert.rejects(replica('one', { clock, store, lead }).ended, { message: 'a fault' });
  });
});

describe('a leader', () => {
  it('continues when a label of the Lease changes', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    for (let minute = 0; minute < 10; minute += 1) {
      lease.touch();
      await clock.pass(60_000);
      assert.ok(one.holds());
    }
    assert.equal(one.terms(), 1);
    assert.deepEqual(one.troubles, []);
  });

  it('renews the lease although another writer changes a label just before each write', async () => {
    const { clock, lease } = setup();
    const network: Network = {};
    const one = replica('one', { clock, store: lease.store(network) });
    await clock.pass(0);
    for (let renewals = 0; renewals < 20; renewals += 1) {
      network.touched = 3;
      await clock.pass(5_000);
      assert.equal(lease.spec()?.renewTime, microTime(clock.time.now()));
    }
    assert.deepEqual(one.states, ['leading']);
    assert.deepEqual(one.troubles, []);
    network.touched = 3;
    one.stop();
    await one.ended;
    assert.equal(lease.holder(), '', 'it is released too');
  });

  it('sends a few requests for a renewal at most, however often another writer is faster', async () => {
    const { clock, lease } = setup();
    const network: Network = {};
    const one = replica('one', { clock, store: lease.store(network) });
    await clock.pass(4_999);
    network.touched = 1_000;
    await clock.pass(1);
    assert.equal(network.touched, 1_000 - 6);
    await clock.pass(2_000);
    assert.equal(network.touched, 1_000 - 12);
    network.touched = 0;
    await clock.pass(HOUR);
    assert.equal(one.terms(), 1);
  });

  it('steps down when another replica has taken the lease', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(1);
    lease.take('other');
    await clock.pass(5_000);
    assert.equal(one.holds(), false);
    assert.deepEqual(one.states.slice(0, 3), ['leading', 'lost', 'following']);
    assert.equal(lease.holder(), 'other');
  });

  it('continues when the Lease was deleted and there is no other replica', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(1);
    lease.remove();
    await clock.pass(60_000);
    assert.ok(one.holds());
    assert.equal(lease.holder(), 'one');
  });

  it('restores an emptied Lease and continues to lead', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    const other = replica('other', { clock, store });
    await clock.pass(30_000);
    const [leader, follower] = one.holds() ? [one, other] : [other, one];
    const holder = lease.holder();
    for (let time = 0; time < 20; time += 1) {
      lease.empty();
      await clock.pass(7_000);
      assert.equal(lease.holder(), holder);
      assert.ok(leader.holds());
      assert.equal(follower.holds(), false);
    }
    assert.equal(lease.spec()?.leaseDurationSeconds, 15);
    assert.equal(leader.terms(), 1);
    assert.equal(follower.terms(), 0);
  });

  it('that is gone loses an emptied Lease to another replica in half a minute', async () => {
    const { clock, lease } = setup();
    const network: { fails?: 'request' | undefined } = {};
    const one = replica('one', { clock, store: lease.store(network) });
    await clock.pass(1);
    const other = replica('other', { clock, store: lease.store() });
    await clock.pass(10_000);
    network.fails = 'request';
    lease.empty();
    await clock.pass(10_000);
    assert.equal(other.holds(), false);
    await clock.pass(20_000);
    assert.ok(other.holds());
    assert.equal(one.holds(), false);
  });

  it('steps down ten seconds after the last renewal during an outage', async () => {
    const { clock, lease } = setup();
    const network: { fails?: 'request' | undefined } = {};
    const one = replica('one', { clock, store: lease.store(network) });
    await clock.pass(1);
    network.fails = 'request';
    await clock.pass(10_000);
    assert.ok(one.holds());
    await clock.pass(4_999);
    assert.equal(one.holds(), false);
    assert.equal(one.states.at(-1), 'lost');
    network.fails = undefined;
    await clock.pass(3_000);
    assert.ok(one.holds(), 'it leads again');
    assert.ok(one.troubles.length > 0);
  });

  it('reports the start and the end of an outage shorter than its lease', async () => {
    const { clock, lease } = setup();
    const network: { fails?: 'request' | undefined } = {};
    const one = replica('one', { clock, store: lease.store(network) });
    await clock.pass(1);
    for (let outage = 1; outage <= 2; outage += 1) {
      network.fails = 'request';
      await clock.pass(6_000);
      assert.equal(one.troubles.length > 0, true, `outage ${outage}`);
      one.troubles.length = 0;
      const before = one.successes();
      network.fails = undefined;
      await clock.pass(20_000);
      assert.ok(one.successes() > before);
    }
    assert.deepEqual(one.states, ['leading']);
  });

  it('steps down during an outage even if the clock is set back', async () => {
    const { clock, lease } = setup();
    const network: { fails?: 'request' | undefined } = {};
    const one = replica('one', { clock, store: lease.store(network) });
    await clock.pass(1);
    network.fails = 'request';
    clock.jump(-5 * HOUR);
    await clock.pass(15_000);
    assert.equal(one.holds(), false);
  });

  it('may no longer act while its work is being aborted', async () => {
    const { clock, lease, store } = setup();
    let held: boolean | undefined;
    const lead: Lead = async (leadership, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      held = leadership.holds();
    };
    replica('one', { clock, store, lead });
    await clock.pass(1);
    lease.take('other');
    await clock.pass(5_000);
    assert.equal(held, false);
  });

  it('survives one lost request, and one lost response', async () => {
    for (const fails of ['request', 'response'] as const) {
      const { clock, lease } = setup();
      const network: { fails?: 'request' | 'response' | undefined } = {};
      const one = replica('one', { clock, store: lease.store(network) });
      await clock.pass(4_999);
      network.fails = fails;
      await clock.pass(2);
      network.fails = undefined;
      await clock.pass(HOUR);
      assert.equal(one.terms(), 1, fails);
      assert.ok(one.holds());
    }
  });

  const lost = [
    { title: 'never arrived, as on a dead connection', fails: 'silent' },
    { title: 'arrived', fails: 'late' },
  ] as const;
  for (const { title, fails } of lost) {
    it(`survives a renewal that has no response and ${title}`, async () => {
      const { clock, lease } = setup();
      const network: Network = {};
      const one = replica('one', { clock, store: lease.store(network) });
      await clock.pass(4_999);
      network.fails = fails;
      await clock.pass(2);
      network.fails = undefined;
      // A timer is never early, and often a little late.
      await clock.pause(clock.next() + 50);
      await clock.pass(HOUR);
      assert.equal(one.terms(), 1);
      assert.ok(one.holds());
    });
  }

  it('steps down before another replica may lead if no renewal has a response', async () => {
    const { clock, lease } = setup();
    const network: Network = {};
    const one = replica('one', { clock, store: lease.store(network) });
    await clock.pass(4_999);
    network.fails = 'silent';
    await clock.pass(8_000);
    assert.ok(one.holds());
    await clock.pass(1_000);
    assert.deepEqual(one.states.slice(0, 2), ['leading', 'lost']);
  });

  it('may not act after a pause longer than its lease, before anything else runs', async () => {
    const { clock, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(4_000);
    const paused = clock.pause(15_000);
    assert.equal(one.holds(), false);
    await paused;
    await clock.pass(0);
    assert.ok(one.holds(), 'no other replica has taken the lease: it is renewed');
    assert.equal(one.terms(), 1);
  });

  it('may not act if only the wall clock has advanced, as after suspend', async () => {
    const { clock, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(1);
    clock.jump(15_000);
    assert.equal(one.holds(), false);
    await clock.pass(5_000);
    assert.ok(one.holds());
    assert.equal(one.terms(), 1);
  });

  it('continues if the clock is set back', async () => {
    const { clock, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(1);
    clock.jump(-5 * HOUR);
    assert.ok(one.holds());
    await clock.pass(HOUR);
    assert.equal(one.terms(), 1);
  });
});

describe('a Lease of a replica that is gone', () => {
  const cases = [
    { leaseDurationSeconds: 15, afterMs: 15_000 },
    { leaseDurationSeconds: 0, afterMs: 15_000 },
    { leaseDurationSeconds: -1, afterMs: 15_000 },
    { leaseDurationSeconds: 1e12, afterMs: 300_000 },
  ];
  for (const { leaseDurationSeconds, afterMs } of cases) {
    it(`with a duration of ${leaseDurationSeconds} s is taken after ${afterMs / 1_000} s`, async () => {
      const { clock, lease, store } = setup();
      lease.take('gone', { leaseDurationSeconds });
      const one = replica('one', { clock, store });
      await clock.pass(afterMs - 1_000);
      assert.ok(!one.holds());
      await clock.pass(5_000);
      assert.ok(one.holds());
    });
  }

  it('is taken in time although another writer changes its labels every second', async () => {
    const { clock, lease, store } = setup();
    lease.take('gone', { leaseDurationSeconds: 15 });
    const one = replica('one', { clock, store });
    for (let second = 0; second < 20; second += 1) {
      lease.touch();
      await clock.pass(1_000);
    }
    assert.ok(one.holds());
  });

  it('is taken soon after another writer was faster', async () => {
    const { clock, lease } = setup();
    lease.take('');
    const one = replica('one', { clock, store: lease.store({ touched: 3 }) });
    await clock.pass(1_000);
    assert.ok(one.holds());
    assert.deepEqual(one.troubles, []);
  });

  it('is taken although it has changed hands as often as the API server can count', async () => {
    const { clock, lease, store } = setup();
    const leaseTransitions = 2 ** 31 - 1;
    lease.take('', { leaseTransitions });
    const one = replica('one', { clock, store });
    await clock.pass(0);
    assert.ok(one.holds());
    assert.equal(lease.spec()?.leaseTransitions, leaseTransitions);
  });
});

describe('two replicas', () => {
  /** `one` leads, `two` follows. Each has its own clock. */
  async function pair() {
    const lease = leases();
    const network: { fails?: 'request' | 'response' | undefined } = {};
    const clocks = [fakeTime(), fakeTime()] as const;
    const one = replica('one', { clock: clocks[0], store: lease.store(network) });
    await clocks[0].pass(0);
    const two = replica('two', { clock: clocks[1], store: lease.store() });
    await clocks[1].pass(0);

    /** Advances both clocks. Both replicas must never act as the leader at the same time. */
    async function pass(ms: number): Promise<void> {
      for (let spent = 0; spent < ms; spent += 500) {
        for (const clock of clocks) await clock.pass(500);
        assert.ok(!(one.holds() && two.holds()), 'two leaders');
      }
    }

    /** Advances the clock of `two` only: `one` is paused or dead. */
    async function passWithoutOne(ms: number): Promise<void> {
      await clocks[1].pass(ms);
    }

    return { lease, network, clocks, one, two, pass, passWithoutOne };
  }

  it('have one leader', async () => {
    const { one, two, pass } = await pair();
    await pass(HOUR / 4);
    assert.ok(one.holds());
    assert.deepEqual(new Set(two.states), new Set(['following']));
  });

  it('have a new leader within three seconds after the first one stops', async () => {
    const { one, two, pass } = await pair();
    one.stop();
    await one.ended;
    await pass(3_000);
    assert.ok(two.holds());
    assert.deepEqual(two.states.at(-1), 'leading');
  });

  it('have a new leader when the lease of a dead one expires', async () => {
    const { two, passWithoutOne } = await pair();
    await passWithoutOne(14_500);
    assert.equal(two.holds(), false);
    await passWithoutOne(4_000);
    assert.ok(two.holds());
  });

  it('have one leader when the first was paused for longer than its lease', async () => {
    const { clocks, one, two, lease, pass, passWithoutOne } = await pair();
    await passWithoutOne(20_000);
    assert.ok(two.holds());
    const paused = clocks[0].pause(20_000);
    assert.equal(one.holds(), false, 'immediately when it continues');
    await paused;
    await pass(60_000);
    assert.ok(two.holds());
    assert.deepEqual(one.states.slice(0, 3), ['leading', 'lost', 'following']);
    assert.equal(lease.holder(), 'two');
    assert.equal(lease.spec()?.leaseTransitions, 1);
  });

  it('have one leader when the first cannot reach the API server', async () => {
    const { network, one, two, pass } = await pair();
    network.fails = 'request';
    await pass(20_000);
    assert.equal(one.holds(), false);
    assert.ok(two.holds());
    network.fails = undefined;
    await pass(60_000);
    assert.equal(one.holds(), false);
  });

  it('do not compare their clocks', async () => {
    for (const jump of [-10 * HOUR, 10 * HOUR]) {
      const { clocks, one, two, pass } = await pair();
      clocks[1].jump(jump);
      await pass(HOUR / 4);
      assert.ok(one.holds());
      assert.equal(two.terms(), 0);
    }
  });

  it('have one leader when both start at the same time', async () => {
    const { clock, store, lease } = setup();
    const both = ['one', 'two'].map((identity) => replica(identity, { clock, store }));
    for (let second = 0; second < 60; second += 1) {
      await clock.pass(1_000);
      await turn();
      assert.equal(both.filter((one) => one.holds()).length, 1);
    }
    assert.ok(['one', 'two'].includes(lease.holder() ?? ''));
    assert.deepEqual(
      both.flatMap(({ troubles }) => troubles),
      [],
    );
  });
});
