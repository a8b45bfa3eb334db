import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { named } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { expectedMessageId } from '../../lab/support/expected.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { type LedgerContent, ledgerAccess } from '../../lab/support/ledger.ts';
import type { Operator } from '../../lab/support/operator.ts';
import { type Rounds, rounds } from '../../lab/support/rounds.ts';

const FOREIGN = /^the ledger belongs to another cluster/;
const ELSEWHERE = 'cd'.repeat(32);
/** What was pending in the other cluster. */
const PENDING_UID = '0f8fad5b-d9cb-469f-a165-708677281003';
let lab: Lab;
/** The messages that would show it. */
let ofPending: readonly string[];
let sites = 0;
let createSome: Rounds['createSome'];
let timesTold: Rounds['timesTold'];

before(async () => {
  lab = await startLab({ namespaces: ['users'] });
  ({ createSome, timesTold } = rounds(lab));
  ofPending = [ELSEWHERE, lab.clusterId].map((cluster) =>
    expectedMessageId(cluster, { kind: 'API', uid: PENDING_UID }),
  );
});
after(() => lab.close());

/** A ledger that was in use for months, with something pending. */
const used = (): LedgerContent => {
  const kind = {
    resourceVersion: '999999999',
    baseline: false,
    watermark: 4_000_000_000,
    floor: 3_999_999_100,
    recent: [],
    exact: true,
    synced: true,
  };
  const today = new Date().toISOString().slice(0, 10);
  return {
    version: 1,
    cluster: ELSEWHERE,
    consent: 'on',
    since: '2026-01-01T00:00:00.000Z',
    installed: true,
    heartbeat: { told: [today], untold: [] },
    kinds: { API: kind, StaticRoute: kind, EnvoyFleet: kind },
    pending: { 'api-created': ['D4-tW9nLRp-hZXCGdygQAw:toydvz'], heartbeat: [`${today}:toydvz`] },
    sent: [{ messageId: 'of-another-cluster' }],
  };
};

/** An installation into which another cluster's ledger was restored, as a backup tool does it. */
async function setup(t: TestContext, content: LedgerContent) {
  sites += 1;
  const site = await lab.site(`restored-${sites}`);
  t.after(() => site[Symbol.asyncDispose]());
  const ledger = ledgerAccess(lab.client, site.namespace);
  await ledger.put(JSON.stringify(content));
  const mark = { 'telemetry.kusk.io/written': '5f0cfc0e-0000-4000-8000-000000000000' };
  await ledger.patch({ metadata: { annotations: mark } });
  return { site, ledger };
}

const troubleIn = ({ lines }: Operator) => lines.filter(({ level }) => level !== 'info');

describe('a ledger that was restored into another cluster', { concurrency: 3 }, () => {
  for (const consent of ['on', 'off']) {
    it(`is not used: consent begins for this cluster as at an install (it was ${consent})`, async (t) => {
      const { site, ledger } = await setup(t, { ...used(), consent });
      const operator = await site.start();
      await operator.ready();
      const fresh = await createSome();
      await site.arrived(fresh);
      await eventually(async () => assert.deepEqual((await ledger.content())?.pending, {}));
      assert.equal(await operator.stop(), 0);

      const [line, ...others] = troubleIn(operator);
      assert.match(line?.msg ?? '', FOREIGN);
      assert.deepEqual(others, []);
      for (const name of ['install', 'heartbeat']) {
        assert.equal(named(site.endpoint.accepted, name).length, 1, name);
      }
      assert.deepEqual(
        site.endpoint.accepted.filter(({ messageId }) => ofPending.includes(messageId)),
        [],
      );
      assert.deepEqual(timesTold(site, fresh), [1, 1, 1]);
      const { cluster, sent } = (await ledger.content()) ?? {};
      assert.equal(cluster, lab.clusterId);
      assert.ok(!JSON.stringify(sent).includes('of-another-cluster'));

      const again = await site.start();
      await again.ready();
      const last = await createSome();
      await site.arrived(last);
      assert.equal(await again.stop(), 0);
      assert.deepEqual(troubleIn(again), []);
      assert.deepEqual(timesTold(site, [...fresh, ...last]), [1, 1, 1, 1, 1, 1]);
      assert.equal(named(site.endpoint.accepted, 'install').length, 1);
    });
  }

  it('says nothing to anybody where telemetry is off here, and begins here when it is on', async (t) => {
    const { site, ledger } = await setup(t, used());
    const off = await site.start({ env: { DO_NOT_TRACK: '1' } });
    await off.ready();
    await eventually(async () => assert.equal((await ledger.content())?.consent, 'off'));
    const meanwhile = await createSome();
    assert.equal(await off.stop(), 0);
    assert.deepEqual(site.endpoint.arrivals, []);

    const on = await site.start();
    await on.ready();
    const fresh = await createSome();
    await site.arrived(fresh);
    assert.equal(await on.stop(), 0);
    assert.deepEqual(timesTold(site, [...meanwhile, ...fresh]), [0, 0, 0, 1, 1, 1]);
    for (const name of ['install', 'heartbeat']) {
      assert.equal(named(site.endpoint.accepted, name).length, 1, name);
    }
    assert.deepEqual(named(site.endpoint.accepted, 'analytics-disabled'), []);
  });
});

describe('an older ledger of the same cluster that was restored', () => {
  for (const isRunning of [false, true]) {
    it(`repeats what it has sent under the same ids only (${isRunning ? 'at work' : 'stopped'})`, async (t) => {
      sites += 1;
      const site = await lab.site(`restored-${sites}`);
      t.after(() => site[Symbol.asyncDispose]());
      const ledger = ledgerAccess(lab.client, site.namespace);
      const operator = await site.start();
      await operator.ready();
      const early = await createSome();
      await site.arrived(early);
      await eventually(async () => assert.deepEqual((await ledger.content())?.pending, {}));
      const backup = JSON.stringify(await ledger.content());
      const later = await createSome();
      await site.arrived(later);
      if (!isRunning) assert.equal(await operator.stop(), 0);
      await ledger.put(backup);
      const last = isRunning ? operator : await site.start();
      await last.ready();
      const fresh = await createSome();
      await site.arrived(fresh);
      assert.equal(await last.stop(), 0);
      assert.deepEqual(troubleIn(last), []);
      assert.ok(timesTold(site, [...early, ...later, ...fresh]).every((times) => times >= 1));
      assert.deepEqual(timesTold(site, fresh), [1, 1, 1]);
      for (const name of ['install', 'heartbeat']) {
        const ids = named(site.endpoint.accepted, name).map(({ messageId }) => messageId);
        assert.equal(new Set(ids).size, 1, name);
      }
    });
  }
});

describe('a ledger that names no cluster, as version 0.1.0 has written it', () => {
  it('is taken over, and named', async (t) => {
    const { cluster: _, ...content } = used();
    const { site, ledger } = await setup(t, content);
    const operator = await site.start();
    await eventually(async () => {
      assert.equal((await ledger.content())?.cluster, lab.clusterId);
    });
    await eventually(() => {
      const ids = site.endpoint.accepted.map(({ messageId }) => messageId);
      assert.ok(ids.includes(ofPending[1] ?? ''));
    });
    assert.equal(await operator.stop(), 0);
    assert.deepEqual(troubleIn(operator), []);
    assert.deepEqual(named(site.endpoint.accepted, 'install'), []);
  });
});
