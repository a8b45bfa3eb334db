import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { inParallel } from '../support/in-parallel.ts';
import { type Lab, startLab } from '../support/lab.ts';
import { metric } from '../support/metrics.ts';

describe('an operator that tells each creation once while the API server', () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ namespaces: ['north', 'south'] });
  });
  after(() => lab.close());

  /** An installation with an operator that is ready, and what it has to tell by now. */
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
