import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type ConfigSource, plainFile } from '../../lab/support/config-source.ts';
import { type Arrival, accept, refuse } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { type LedgerAccess, ledgerAccess, pendingIn } from '../../lab/support/ledger.ts';
import type { Operator } from '../../lab/support/operator.ts';
import type { Creation } from '../../lab/support/resources.ts';
import { type Rounds, rounds } from '../../lab/support/rounds.ts';

/**
 * For how long the files of two replicas differ, in seconds. A kubelet brings a changed ConfigMap to
 * its node within some two minutes: KUSK_FILES_APART=120 takes that long.
 */
const APART_MS = Number(process.env.KUSK_FILES_APART ?? 15) * 1_000;
const PENDING = 1_000;
const ON = 'analytics: {enabled: true}';
const OFF = 'analytics: {enabled: false}';
let lab: Lab;
let sites = 0;
let createSome: Rounds['createSome'];
let timesTold: Rounds['timesTold'];

before(async () => {
  lab = await startLab({ namespaces: ['users'] });
  ({ createSome, timesTold } = rounds(lab));
});
after(() => lab.close());

interface Replica {
  readonly operator: Operator;
  readonly file: ConfigSource;
}

/** Two replicas on two nodes, each with a file of its own. The first one leads. */
async function setup(t: TestContext) {
  sites += 1;
  const site = await lab.site(`apart-${sites}`);
  t.after(() => site[Symbol.asyncDispose]());
  const replica = async (podName: string): Promise<Replica> => {
    const file = plainFile(ON);
    t.after(() => file[Symbol.dispose]());
    const operator = await site.start({ podName, args: ['--config', file.path] });
    await operator.ready();
    return { operator, file };
  };
  const replicas = [await replica('leader'), await replica('follower')] as const;
  const before = await createSome();
  await site.arrived(before);
  return { site, replicas, ledger: ledgerAccess(lab.client, site.namespace) };
}

/**
 * Holds everything back that is created, until the ledger has a thousand of it. Resolves just after a refusal:
 * a replica follows its file before the next request, and that one is made while the files differ.
 */
async function holdBack({ site, ledger }: Awaited<ReturnType<typeof setup>>) {
  site.endpoint.behave(refuse(429, { 'Retry-After': '8' }));
  const pending = await lab.users.createAll(lab.fresh(PENDING));
  await eventually(async () => assert.ok(pendingIn(await ledger.content()) >= PENDING));
  const { arrivals } = site.endpoint;
  const refused = arrivals.length;
  await eventually(() => assert.ok(arrivals.length > refused));
  return pending;
}

async function says({ operator }: Replica, msg: RegExp, count = 1): Promise<void> {
  const said = () => operator.lines.filter((line) => msg.test(line.msg)).length;
  await eventually(() => assert.equal(said(), count));
}

const knows = (replica: Replica) => says(replica, /^telemetry is off: nothing is sent$/);

/** Switches a replica that was switched off on again. An off that is not in the ledger yet withdraws nothing. */
async function onAgain(follower: Replica, ledger: LedgerAccess): Promise<void> {
  await knows(follower);
  await eventually(async () => assert.equal((await ledger.content())?.consent, 'off'));
  follower.file.write(ON);
  await says(follower, /^telemetry is on$/, 2);
}

/** What identifies the cluster: all but the last event, which says that one more has opted out. */
function identifying(arrivals: readonly Arrival[]): readonly Arrival[] {
  return arrivals.filter(({ body }) => body.includes(lab.clusterId));
}

function assertNever(told: readonly number[]): void {
  assert.deepEqual(
    told.filter((count) => count > 0),
    [],
  );
}

describe(`two replicas whose files differ for ${APART_MS / 1_000} s, with ${PENDING} events pending`, () => {
  for (const [index, by] of ['leader', 'follower'].entries()) {
    it(`send nothing after either has known, switched off by the ${by}`, async (t) => {
      const all = await setup(t);
      const { site, replicas, ledger } = all;
      const pending = await holdBack(all);
      const [first = assert.fail(), last = assert.fail()] =
        index === 0 ? replicas : [replicas[1], replicas[0]];

      first.file.write(OFF);
      await knows(first);
      await eventually(async () => assert.equal((await ledger.content())?.consent, 'off'));
      const known = site.endpoint.arrivals.length;
      site.endpoint.behave(accept);
      await wait(APART_MS);
      // Not sooner: a leader that writes the ledger also finds that another replica has.
      const meanwhile = await createSome();
      const after = site.endpoint.arrivals.slice(known);
      t.diagnostic(
        `${after.length} requests after it was known, ${identifying(after).length} with an id`,
      );
      assert.deepEqual(identifying(after), []);

      last.file.write(OFF);
      await knows(last);
      for (const { operator } of replicas) assert.equal(await operator.stop(), 0);
      const all_ = site.endpoint.arrivals.slice(known);
      assert.deepEqual(identifying(all_), []);
      assert.ok(all_.length <= 1, 'the opt-out at most');
      assertNever(timesTold(site, [...pending, ...meanwhile]));
      const { consent, pending: kept } = (await ledger.content()) ?? {};
      assert.deepEqual({ consent, kept }, { consent: 'off', kept: {} });
    });
  }

  it('never send what was withdrawn while the leader stood still', async (t) => {
    const all = await setup(t);
    const { site, replicas, ledger } = all;
    const pending = await holdBack(all);
    const [leader, follower] = replicas;
    const { since } = (await ledger.content()) ?? {};

    leader.operator.process.kill('SIGSTOP');
    follower.file.write(OFF);
    await onAgain(follower, ledger);
    await eventually(async () => assert.notEqual((await ledger.content())?.since, since));
    site.endpoint.behave(accept);
    const known = site.endpoint.arrivals.length;
    leader.operator.process.kill('SIGCONT');
    await wait(APART_MS);
    for (const { operator } of replicas) assert.equal(await operator.stop(), 0);
    t.diagnostic(`${site.endpoint.arrivals.length - known} requests after it went on`);
    assertNever(timesTold(site, pending));
  });

  it('never send what was withdrawn, off and on again by the follower alone', async (t) => {
    const all = await setup(t);
    const { site, replicas, ledger } = all;
    const pending = await holdBack(all);
    const [leader, follower] = replicas;
    const { since } = (await ledger.content()) ?? {};

    follower.file.write(OFF);
    await onAgain(follower, ledger);
    await eventually(async () => {
      const content = (await ledger.content()) ?? {};
      assert.equal(content.consent, 'on');
      assert.notEqual(content.since, since);
    });
    site.endpoint.behave(accept);
    // The first list after that is of consent that begins anew.
    await eventually(async () => {
      const { kinds = {} } = (await ledger.content()) ?? {};
      for (const kind of ['API', 'StaticRoute', 'EnvoyFleet']) {
        assert.equal(kinds[kind].baseline, false);
      }
    });
    const after: Creation[] = [...(await createSome())];
    await site.arrived(after);
    await wait(APART_MS);
    for (const { operator } of replicas) assert.equal(await operator.stop(), 0);
    assertNever(timesTold(site, pending));
    assert.deepEqual(timesTold(site, after), [1, 1, 1]);
    assert.ok(leader.operator.lines.every(({ level }) => level === 'info' || level === 'warn'));
  });
});
