import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import { type Front, startFront } from '../../lab/support/front.ts';
import { inParallel } from '../../lab/support/in-parallel.ts';
import { kubeconfigVia } from '../../lab/support/kubeconfig-via.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { metric } from '../../lab/support/metrics.ts';
import type { Operator } from '../../lab/support/operator.ts';

describe('an operator that sends each creation once while the API server', () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ namespaces: ['north', 'south'] });
  });
  after(() => lab.close());

  /** An installation with an operator that is ready, and what it has to send by now. */
  async function setup(namespace: string) {
    const site = await lab.site(namespace);
    const operator = await site.start();
    await operator.ready();
    const first = await lab.users.createAll(lab.fresh(30));
    return { site, operator, first };
  }

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`is ended by ${signal} and starts again`, async (t) => {
      const { site, operator, first } = await setup(signal.toLowerCase());
      await using _ = site;
      const creating = inParallel(lab.fresh(60), lab.users.createSurely);
      await lab.cp.restartApiServer(signal);
      const told = [...first, ...(await creating)];
      const { repeats } = await lab.settle(site, { operator, told });
      t.diagnostic(`${repeats} came again`);
    });
  }

  it('stands still until the operator has lost its lease', async (t) => {
    const { site, operator, first } = await setup('still');
    await using _ = site;
    await lab.cp.pauseApiServer();
    const creating = inParallel(lab.fresh(20), lab.users.createSurely);
    await eventually(async () => assert.equal(await metric(operator, 'leader'), 0));
    await lab.cp.resumeApiServer();
    const told = [...first, ...(await creating)];
    await eventually(async () => assert.equal(await metric(operator, 'leader'), 1));
    const { repeats } = await lab.settle(site, { operator, told });
    t.diagnostic(`${repeats} came again`);
  });
});

describe('an operator at rest', () => {
  const LEASE = '/apis/coordination.k8s.io/v1/namespaces/rest/leases/kusk-gateway-manager';
  const cleanup = new AsyncDisposableStack();
  let lab: Lab;
  let front: Front;
  let operator: Operator;

  before(async () => {
    lab = await startLab({ namespaces: [] });
    cleanup.defer(lab.close);
    front = cleanup.use(await startFront({ target: lab.cp.server }));
    const site = cleanup.use(await lab.site('rest'));
    // It passes on what it cannot read.
    const url = front.url.replace('http:', 'https:');
    const kubeconfig = await kubeconfigVia(lab.cp, { url, name: 'front' });
    operator = await site.start({ kubeconfig });
    await operator.ready();
  });
  after(() => cleanup.disposeAsync());

  /** Resolves once the lease was renewed so many times more. */
  async function renewed(times: number): Promise<void> {
    const renewals = new Set<string>();
    await eventually(async () => {
      renewals.add(String((await lab.client.must('GET', LEASE)).spec?.renewTime));
      assert.ok(renewals.size > times, `renewed ${renewals.size - 1} times`);
    });
  }

  it('renews its lease over the connection that it has', async () => {
    await renewed(1);
    const before = front.accepted();
    await renewed(3);
    // One more may be of the ledger's last write, at the same time as a renewal.
    assert.ok(front.accepted() <= before + 1, `${front.accepted() - before} more connections`);
  });

  it('keeps its lease when all its connections die without being closed', async () => {
    front.freeze();
    await renewed(2);
    const states = operator.lines.map(({ state }) => state).filter(Boolean);
    assert.deepEqual(states, ['leading'], operator.output());
    assert.equal(await metric(operator, 'leader'), 1);
  });
});
