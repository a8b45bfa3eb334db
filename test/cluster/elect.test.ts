import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type FakeTime, fakeTime } from '../../lab/support/fake-time.ts';
import { elect, type Lead, type Leadership } from '../../src/cluster/elect.ts';
import { KubeStatusError, MissingObjectError } from '../../src/cluster/errors.ts';
import type { Lease, LeaseSpec, LeaseStore } from '../../src/cluster/lease.ts';
import { recovery } from '../../src/cluster/recovery.ts';

const HOUR = 3_600_000;

interface Network {
  /** `silent`: a write never arrives and nothing is heard of it; `late`: it arrives all the same. */
  fails?: 'request' | 'answer' | 'silent' | 'late' | undefined;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** A Lease on an API server: what was read before somebody else wrote can not be written. */
function leases() {
  let lease: Lease | undefined;
  let version = 0;
  let writes = 0;

  function put(spec: LeaseSpec): Lease {
    version += 1;
    lease = { resourceVersion: String(version), spec, object: {} };
    return lease;
  }

  /** The API server as one replica reaches it. */
  function store(network: Network = {}): LeaseStore {
    const reached = (signal: AbortSignal) => {
      signal.throwIfAborted();
      if (network.fails === 'request') throw new KubeStatusError(503);
    };
    const refuse = (over: Lease) => {
      // The API server would create it, which is another right.
      if (!lease) throw new KubeStatusError(403, { reason: 'Forbidden' });
      if (lease.resourceVersion !== over.resourceVersion) throw new KubeStatusError(409);
    };
    const answered = (written: Lease) => {
      writes += 1;
      if (network.fails === 'answer') throw new Error('connection lost');
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
        return answered(put(spec));
      },
      async write(spec, over, signal) {
        reached(signal);
        if (network.fails === 'silent') await aborted(signal);
        refuse(over);
        const written = put({ ...over.spec, ...spec });
        if (network.fails === 'late') await aborted(signal);
        return answered(written);
      },
    };
  }

  return {
    store,
    holder: () => lease?.spec.holderIdentity,
    spec: () => lease?.spec,
    writes: () => writes,
    /** Somebody changes a label, or whatever else is no business of the election's. */
    /** Somebody replaces it by what a chart renders. */
    empty: () => void put({}),
    touch: () => void put(lease?.spec ?? {}),
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

/** A replica that wants to lead. */
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
    async (given, signal) => {
      leadership = given;
      terms += 1;
      await (lead ?? untilAborted)(given, signal).finally(() => {
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
    /** Whether it may act as the leader at this moment. */
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
  it('makes the Lease and leads', async () => {
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

  it('renews the lease every five seconds, and leads for as long as it does', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(HOUR);
    assert.equal(lease.writes(), 1 + HOUR / 5_000);
    assert.equal(lease.spec()?.renewTime, '2026-11-23T13:00:00.000000Z');
    assert.equal(one.terms(), 1);
    assert.ok(one.holds());
  });

  it('takes its own lease back at once, as after a crash', async () => {
    const { clock, lease, store } = setup();
    lease.take('one');
    const one = replica('one', { clock, store });
    await clock.pass(0);
    assert.ok(one.holds());
    assert.equal(lease.spec()?.leaseTransitions, 0);
  });

  it('creates the Lease again where somebody has deleted it, and leads on', async () => {
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

  it('says of a deleted Lease that it is not there, not that an update is forbidden', async () => {
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

  it('says that an update is forbidden where the Lease is there', async () => {
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

  it('is asked to wait longer than a lease lasts: it does not', async () => {
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
    assert.equal(lease.holder(), undefined, 'it waits for some time');
    await clock.pass(3_000);
    assert.ok(one.holds());
  });

  it('gives the lease back when it is stopped', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(0);
    one.stop();
    await one.ended;
    assert.equal(lease.holder(), '');
    assert.equal(clock.waiting(), 1, 'nothing waits but the deadline of the last write');
  });

  it('gives it back also if the answer to a renewal was lost', async () => {
    const { clock, lease } = setup();
    const network: { fails?: 'answer' | undefined } = {};
    const one = replica('one', { clock, store: lease.store(network) });
    await clock.pass(0);
    network.fails = 'answer';
    await clock.pass(5_000);
    network.fails = undefined;
    one.stop();
    await one.ended;
    assert.equal(lease.holder(), '');
  });

  it('stops while it waits for the lease', async () => {
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

  it('gives the lease back when it has no more to do', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store, lead: async () => undefined });
    await one.ended;
    assert.equal(lease.holder(), '');
  });

  it('rejects as what it leads does', async () => {
    const { clock, store } = setup();
    const lead = async () => {
      throw new Error('a fault');
    };
    await assert.rejects(replica('one', { clock, store, lead }).ended, { message: 'a fault' });
  });
});

describe('what happens to a leader', () => {
  it('it goes on when somebody changes a label of the Lease', async () => {
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

  it('it steps down when somebody else has taken the lease', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(1);
    lease.take('other');
    await clock.pass(5_000);
    assert.equal(one.holds(), false);
    assert.deepEqual(one.states.slice(0, 3), ['leading', 'lost', 'following']);
    assert.equal(lease.holder(), 'other');
  });

  it('it goes on when the Lease was deleted, if nobody else was there', async () => {
    const { clock, lease, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(1);
    lease.remove();
    await clock.pass(60_000);
    assert.ok(one.holds());
    assert.equal(lease.holder(), 'one');
  });

  it('it fills the Lease again that somebody has emptied, and leads on', async () => {
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

  it('an emptied Lease whose holder is gone is taken by another replica in half a minute', async () => {
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

  it('it steps down ten seconds after the last renewal where the API server is away', async () => {
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

  it('an outage that its lease outlives is reported, and that it is over', async () => {
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

  it('it steps down then also if the clock is set back', async () => {
    const { clock, lease } = setup();
    const network: { fails?: 'request' | undefined } = {};
    const one = replica('one', { clock, store: lease.store(network) });
    await clock.pass(1);
    network.fails = 'request';
    clock.jump(-5 * HOUR);
    await clock.pass(15_000);
    assert.equal(one.holds(), false);
  });

  it('it may no longer act while what it leads comes to its end', async () => {
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

  it('it survives one lost request, and one lost answer', async () => {
    for (const fails of ['request', 'answer'] as const) {
      const { clock, lease } = setup();
      const network: { fails?: 'request' | 'answer' | undefined } = {};
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

  const unanswered = [
    { title: 'never arrived, as on a connection that died in silence', fails: 'silent' },
    { title: 'arrived all the same', fails: 'late' },
  ] as const;
  for (const { title, fails } of unanswered) {
    it(`it survives a renewal that is not answered and ${title}`, async () => {
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

  it('it steps down before somebody else may lead where no renewal is ever answered', async () => {
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

  it('it knows at once after a pause that it may no longer act, before anything else runs', async () => {
    const { clock, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(4_000);
    const paused = clock.pause(15_000);
    assert.equal(one.holds(), false);
    await paused;
    await clock.pass(0);
    assert.ok(one.holds(), 'nobody has taken the lease: it is renewed');
    assert.equal(one.terms(), 1);
  });

  it('it knows so also where only the wall clock has gone on, as on a machine that slept', async () => {
    const { clock, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(1);
    clock.jump(15_000);
    assert.equal(one.holds(), false);
    await clock.pass(5_000);
    assert.ok(one.holds());
    assert.equal(one.terms(), 1);
  });

  it('it does not mind that the clock is set back', async () => {
    const { clock, store } = setup();
    const one = replica('one', { clock, store });
    await clock.pass(1);
    clock.jump(-5 * HOUR);
    assert.ok(one.holds());
    await clock.pass(HOUR);
    assert.equal(one.terms(), 1);
  });
});

describe('a Lease of somebody who will not come back', () => {
  const cases = [
    { leaseDurationSeconds: 15, afterMs: 15_000 },
    { leaseDurationSeconds: 0, afterMs: 15_000 },
    { leaseDurationSeconds: -1, afterMs: 15_000 },
    { leaseDurationSeconds: 1e12, afterMs: 300_000 },
  ];
  for (const { leaseDurationSeconds, afterMs } of cases) {
    it(`that says ${leaseDurationSeconds} s is taken after ${afterMs / 1_000} s`, async () => {
      const { clock, lease, store } = setup();
      lease.take('gone', { leaseDurationSeconds });
      const one = replica('one', { clock, store });
      await clock.pass(afterMs - 1_000);
      assert.ok(!one.holds());
      await clock.pass(5_000);
      assert.ok(one.holds());
    });
  }
});

describe('two replicas', () => {
  /** `one` leads, `two` follows; each with its own machine’s time. */
  async function pair() {
    const lease = leases();
    const network: { fails?: 'request' | 'answer' | undefined } = {};
    const clocks = [fakeTime(), fakeTime()] as const;
    const one = replica('one', { clock: clocks[0], store: lease.store(network) });
    await clocks[0].pass(0);
    const two = replica('two', { clock: clocks[1], store: lease.store() });
    await clocks[1].pass(0);

    /** Both live on; never may both act as the leader. */
    async function pass(ms: number): Promise<void> {
      for (let spent = 0; spent < ms; spent += 500) {
        for (const clock of clocks) await clock.pass(500);
        assert.ok(!(one.holds() && two.holds()), 'two leaders');
      }
    }

    /** Only the second one lives: the first is paused or dead. */
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

  it('have another leader within three seconds when one stops', async () => {
    const { one, two, pass } = await pair();
    one.stop();
    await one.ended;
    await pass(3_000);
    assert.ok(two.holds());
    assert.deepEqual(two.states.at(-1), 'leading');
  });

  it('have another leader once the lease has run out when one has died', async () => {
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
    assert.equal(one.holds(), false, 'in the very moment in which it goes on');
    await paused;
    await pass(60_000);
    assert.ok(two.holds());
    assert.deepEqual(one.states.slice(0, 3), ['leading', 'lost', 'following']);
    assert.equal(lease.holder(), 'two');
    assert.equal(lease.spec()?.leaseTransitions, 1);
  });

  it('have one leader when the first no longer reaches the API server', async () => {
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

  it('have one leader when both begin at the same time', async () => {
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
