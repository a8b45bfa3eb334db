import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { metric } from '../../lab/support/metrics.ts';

/** A restored Lease of a replica that is gone expires after 15 s; a follower checks it every 2.4 s. */
const EXPIRED_MS = 40_000;
/** How soon after a restore a creation must have arrived: the operator may lead again only then. */
const SOON_MS = 20_000;
let lab: Lab;

before(async () => {
  lab = await startLab({ namespaces: ['north'] });
});
after(() => lab.close());

describe('an operator whose cluster is restored from an etcd backup', () => {
  it('counts on within seconds, and nothing twice', async (t) => {
    await using site = await lab.site('restored');
    const operator = await site.start();
    await operator.ready();
    const kept = await lab.users.createAll(lab.fresh(12));
    await site.arrived(kept);
    await site.written(kept.slice(-1));
    const backup = await lab.cp.backUpEtcd();
    const gone = await lab.users.createAll(lab.fresh(90));
    await site.arrived(gone);

    await lab.cp.restoreEtcd(backup);
    const restoredAt = performance.now();
    const created = await lab.users.createAll(lab.fresh(6));
    assert.ok(
      BigInt(created[0]?.resourceVersion ?? '') < BigInt(gone.at(-1)?.resourceVersion ?? ''),
      'history has gone back',
    );
    await site.arrived(created);
    const tookMs = performance.now() - restoredAt;
    t.diagnostic(`what was created after the restore arrived after ${Math.round(tookMs)} ms`);
    assert.ok(tookMs < SOON_MS, operator.output());
    const { repeats } = await lab.settle(site, { operator, told: [...kept, ...gone, ...created] });
    t.diagnostic(`${repeats} came again`);
  });

  it('counts on also where it was down meanwhile', async () => {
    await using site = await lab.site('down');
    const operator = await site.start();
    await operator.ready();
    const kept = await lab.users.createAll(lab.fresh(6));
    await site.arrived(kept);
    assert.equal(await operator.stop(), 0);
    const backup = await lab.cp.backUpEtcd();
    const again = await site.start();
    await again.ready();
    const gone = await lab.users.createAll(lab.fresh(60));
    await site.arrived(gone);
    assert.equal(await metric(again, 'leader'), 1);
    await again.stop('SIGKILL');

    await lab.cp.restoreEtcd(backup);
    const created = await lab.users.createAll(lab.fresh(6));
    const last = await site.start();
    await site.arrived(created);
    await lab.settle(site, { operator: last, told: [...kept, ...gone, ...created] });
  });

  it('counts on where the Lease is restored too, and names a leader that is gone', async (t) => {
    await using site = await lab.site('lease');
    const lease = `/apis/coordination.k8s.io/v1/namespaces/${site.namespace}/leases/kusk-gateway-manager`;
    const former = await site.start({ podName: 'former' });
    await former.ready();
    const kept = await lab.users.createAll(lab.fresh(6));
    await site.arrived(kept);
    await site.written(kept.slice(-1));
    const backup = await lab.cp.backUpEtcd();
    const operator = await site.start({ podName: 'present' });
    assert.equal(await former.stop(), 0);
    const gone = await lab.users.createAll(lab.fresh(30));
    await site.arrived(gone);
    assert.equal(await metric(operator, 'leader'), 1);

    await lab.cp.restoreEtcd(backup);
    const restoredAt = performance.now();
    const { spec } = await lab.client.must('GET', lease);
    assert.equal(spec?.holderIdentity, 'former');
    const created = await lab.users.createAll(lab.fresh(6));
    await site.arrived(created);
    const tookMs = performance.now() - restoredAt;
    t.diagnostic(`what was created after the restore arrived after ${Math.round(tookMs)} ms`);
    assert.ok(tookMs < EXPIRED_MS, operator.output());
    await eventually(async () => {
      const renewed = await lab.client.must('GET', lease);
      assert.equal(renewed.spec?.holderIdentity, 'present');
    });
    await lab.settle(site, { operator, told: [...kept, ...gone, ...created] });
    const { spec: released } = await lab.client.must('GET', lease);
    assert.deepEqual([released?.holderIdentity, released?.leaseTransitions], ['', 1]);
  });
});
