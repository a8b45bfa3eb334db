import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { accept, type Endpoint } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { ledgerAccess, pendingIn } from '../../lab/support/ledger.ts';
import { metric } from '../../lab/support/metrics.ts';
import type { Operator, OperatorOptions } from '../../lab/support/operator.ts';
import type { Site } from '../../lab/support/site.ts';
import { NOTE_WRITES, type Write, writesIn } from '../../lab/support/writes.ts';

/** By their lease a leader is gone after so long, in milliseconds; the others look every 2.4 s. */
const LEASE_MS = 15_000;
const LOOK_MS = 2_400;
/** For a machine that is busy with other things. */
const SLACK_MS = 3_000;

/** One of two operators, which differ in their user and their endpoint. */
interface Replica {
  readonly name: string;
  readonly user: string;
  readonly endpoint: Endpoint;
  readonly options: Partial<OperatorOptions>;
  operator: Operator;
}

describe('two operators that send each creation under one messageId', () => {
  const cleanup = new AsyncDisposableStack();
  let lab: Lab;
  let site: Site;
  /** Two more, to whom nothing happens. */
  let calm: Site;
  let calmOperators: readonly Operator[];
  let leader: Replica;
  let follower: Replica;

  before(async () => {
    lab = await startLab({ namespaces: ['north', 'south'], controlPlane: NOTE_WRITES });
    cleanup.defer(lab.close);
    calm = cleanup.use(await lab.site('calm'));
    calmOperators = await Promise.all(
      ['calm-one', 'calm-two'].map((podName) => calm.start({ podName })),
    );
    await Promise.all(calmOperators.map((operator) => operator.ready()));
    site = cleanup.use(await lab.site('two'));
    const { operatorKubeconfig, adminKubeconfig } = lab.cp;
    const account = 'system:serviceaccount:kusk-system:kusk-gateway-telemetry';
    [leader, follower] = await Promise.all([
      replica('one', { user: account, kubeconfig: operatorKubeconfig, endpoint: site.endpoint }),
      replica('two', {
        user: 'admin',
        kubeconfig: adminKubeconfig,
        endpoint: await site.anotherReceiver(),
      }),
    ]);
  });
  after(() => cleanup.disposeAsync());

  async function replica(name: string, options: ReplicaOptions): Promise<Replica> {
    const { user, kubeconfig, endpoint } = options;
    const start = { podName: name, kubeconfig, endpoint: endpoint.url };
    return { name, user, endpoint, options: start, operator: await site.start(start) };
  }

  const create = () => lab.users.createAll(lab.fresh(12));

  /**
   * Waits until the ledger has so many pending events. A write that is on its way when the leader is stopped
   * arrives when it goes on; its resourceVersion then decides, and not the lease.
   */
  async function written(pending: number): Promise<void> {
    const ledger = ledgerAccess(lab.client, site.namespace);
    await eventually(async () => assert.equal(pendingIn(await ledger.content()), pending));
  }

  async function leasesOf({ namespace }: Site): Promise<readonly Write[]> {
    const history = await writesIn(lab.cp.auditLog, namespace);
    return history.filter(({ what }) => what === 'lease');
  }

  /** Waits until the follower has taken the lease over. Resolves with the last write of the former leader. */
  async function takeover(): Promise<{ readonly last: Write; readonly taken: Write }> {
    const pair = await eventually(async () => {
      const history = await leasesOf(site);
      const index = history.findLastIndex(({ spec }) => spec.holderIdentity !== follower.name);
      const [last, taken] = [history[index], history[index + 1]];
      assert.ok(last && taken, 'the lease has not been taken over');
      return { last, taken };
    });
    [leader, follower] = [follower, leader];
    return pair;
  }

  it('start at the same time: one leads, the other is ready and silent', async () => {
    await Promise.all([leader.operator.ready(), follower.operator.ready()]);
    // The audit log may have a request a moment after its response.
    const first = await eventually(async () => (await leasesOf(site))[0] ?? assert.fail());
    if (first.spec.holderIdentity === follower.name) [leader, follower] = [follower, leader];
    await site.arrived(await create());
    assert.equal(await metric(leader.operator, 'leader'), 1);
    assert.equal(await metric(follower.operator, 'leader'), 0);
    assert.equal(follower.endpoint.arrivals.length, 0);
  });

  it('are one fewer by SIGKILL: the other leads when the lease has run out', async () => {
    const killed = leader;
    await create();
    await killed.operator.stop('SIGKILL');
    await create();
    const { last, taken } = await takeover();
    const afterMs = msBetween(last.spec.renewTime, taken.spec.acquireTime);
    assert.ok(afterMs >= LEASE_MS && afterMs < LEASE_MS + 2 * LOOK_MS + SLACK_MS, `${afterMs} ms`);
    assert.equal(taken.spec.leaseTransitions, (last.spec.leaseTransitions ?? 0) + 1);
    await create();
    await site.arrived(lab.users.created);

    killed.operator = await site.start(killed.options);
    await killed.operator.ready();
    assert.equal(await metric(killed.operator, 'leader'), 0);
  });

  it('are one fewer by SIGSTOP: what was stopped is silent when it goes on, and follows', async (t) => {
    const stopped = leader;
    const { endpoint, operator } = stopped;
    const { promise: asked, resolve: answer } = holdAnswer(endpoint);
    const told = operator.lines.length;
    const first = await create();
    await asked;
    // Seen by the leader, and still to be sent when the response arrives.
    const second = await create();
    await written(first.length + second.length);
    operator.process.kill('SIGSTOP');
    t.after(() => operator.process.kill('SIGCONT'));
    await create();
    await takeover();
    await create();
    await site.arrived(lab.users.created);

    const { length } = endpoint.arrivals;
    operator.process.kill('SIGCONT');
    answer();
    await eventually(() => {
      const states = operator.lines.slice(told).map(({ state }) => state);
      assert.deepEqual(states.filter(Boolean), ['lost', 'following'], operator.output());
    });
    assert.equal(await metric(operator, 'leader'), 0);
    await site.arrived(await create());
    assert.equal(endpoint.arrivals.length, length);
  });

  it('are one fewer by SIGTERM: the other leads immediately', async () => {
    const ended = leader;
    await create();
    assert.equal(await ended.operator.stop('SIGTERM'), 0);
    await create();
    const { last, taken } = await takeover();
    assert.equal(last.spec.holderIdentity, '');
    const afterMs = msBetween(last.spec.renewTime, taken.spec.acquireTime);
    assert.ok(afterMs < LOOK_MS + SLACK_MS, `${afterMs} ms`);
  });

  it('stay what they are where nothing happens to them', async () => {
    const history = await leasesOf(calm);
    const holders = new Set(history.map(({ spec }) => spec.holderIdentity));
    assert.equal(holders.size, 1);
    assert.ok(history.length > 3, 'the lease was not renewed');
    const leads = await Promise.all(calmOperators.map((operator) => metric(operator, 'leader')));
    assert.deepEqual(leads.toSorted(), [0, 1]);
    const operator = calmOperators[leads.indexOf(1)];
    assert.ok(operator);
    const { repeats } = await lab.settle(calm, { operator, told: lab.users.created });
    assert.equal(repeats, 0);
  });

  it('have sent all of it when both have ended', async (t) => {
    const { operator } = leader;
    const { repeats } = await lab.settle(site, { operator, told: lab.users.created });
    t.diagnostic(`${lab.users.created.length} creations, ${repeats} messages came again`);
  });

  it('have written the ledger only while they held the lease', async (t) => {
    const users = new Map([leader, follower].map(({ name, user }) => [name, user]));
    const history = await writesIn(lab.cp.auditLog, site.namespace);
    let held: Write | undefined;
    const wrong = history.filter((write) => {
      const { what, verb, user, receivedAt } = write;
      if (what === 'lease') held = write;
      if (what === 'lease' || verb === 'create') return false;
      // Before the first lease, a replica writes the ledger to begin with. What was on its way when the
      // lease changed hands may be the former leader's.
      const isLate = held !== undefined && receivedAt > held.receivedAt;
      return isLate && user !== users.get(held?.spec.holderIdentity ?? '');
    });
    assert.deepEqual(wrong, [], JSON.stringify(history));
    t.diagnostic(`${history.length} writes`);
  });
});

interface ReplicaOptions {
  readonly user: string;
  readonly kubeconfig: string;
  readonly endpoint: Endpoint;
}

/** The next request gets no response until the test says so. */
function holdAnswer(endpoint: Endpoint): { promise: Promise<void>; resolve: () => void } {
  const asked = Promise.withResolvers<void>();
  let answer = () => {};
  endpoint.behave((...request) => {
    answer = () => accept(...request);
    endpoint.behave(accept);
    asked.resolve();
  });
  return { promise: asked.promise, resolve: () => answer() };
}

function msBetween(from = '', to = ''): number {
  return Date.parse(to) - Date.parse(from);
}
