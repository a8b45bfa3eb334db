import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import { inParallel } from '../../lab/support/in-parallel.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { ledgerAccess } from '../../lab/support/ledger.ts';
import { metric } from '../../lab/support/metrics.ts';
import type { Operator } from '../../lab/support/operator.ts';
import type { Site } from '../../lab/support/site.ts';
import { startOfSecond } from '../../lab/support/start-of-second.ts';
import { KINDS } from '../../src/event.ts';

const ATTEMPTS = 5;

function expired(operator: Operator): Promise<number> {
  return metric(operator, 'watch_restarts_total{reason="expired"}');
}

describe('an operator whose resourceVersions the API server has forgotten', () => {
  let lab: Lab;
  let sites = 0;
  before(async () => {
    lab = await startLab({ namespaces: ['north', 'south'] });
  });
  after(() => lab.close());

  /** An installation with an operator that is ready, on a cluster that has resources already. */
  async function setup() {
    await lab.users.createAll(lab.fresh(6));
    sites += 1;
    const site = await lab.site(`site-${sites}`);
    const operator = await site.start();
    await operator.ready();
    return { site, operator, from: lab.users.created.length };
  }

  /** Everything that users have created since then. */
  const since = (from: number) => lab.users.created.slice(from);

  /**
   * Stops the operator when everything is sent and written, and creates more in the second of the last
   * creation. Resolves with whether it was the same second: a machine may be too slow for that.
   */
  async function stopWithinSecond(site: Site, signal: NodeJS.Signals): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const operator = await site.start();
      await operator.ready();
      await startOfSecond();
      const last = await lab.users.createAll(lab.fresh(3));
      await site.arrived(last);
      await site.written(last);
      await operator.stop(signal);
      const next = await lab.users.createAll(lab.fresh(3));
      if (new Set([...last, ...next].map(({ timestamp }) => timestamp)).size === 1) return true;
    }
    return false;
  }

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`was down meanwhile, after ${signal}`, async (t) => {
      const { site, operator, from } = await setup();
      await using _ = site;
      const { users } = lab;
      await users.createAll(lab.fresh(30));
      await site.arrived(since(from));
      await operator.stop();
      t.diagnostic(`within one second: ${await stopWithinSecond(site, signal)}`);

      for (const [round, creation] of since(from).entries()) await users.update(creation, round);
      const [replaced, removed] = since(from);
      assert.ok(replaced && removed);
      await users.recreate(replaced);
      await users.remove(removed);
      const [lost] = await users.createAll(lab.fresh(10));
      assert.ok(lost);
      await users.remove(lost);
      await lab.cp.expireWatches();

      const again = await site.start();
      await again.ready();
      await eventually(async () => assert.equal(await expired(again), KINDS.length));
      const { repeats } = await lab.settle(site, {
        operator: again,
        told: since(from).filter(({ uid }) => uid !== lost.uid),
        either: [lost],
      });
      assert.equal(repeats, 0);
    });
  }

  it('gets a 410 for its watches while users go on', async () => {
    const { site, operator, from } = await setup();
    await using _ = site;
    const { users } = lab;
    // No more than the ledger shows as sent.
    const old = await users.createAll(lab.fresh(15));
    await site.arrived(old);
    // An operator that loses its lease while the API server is away sends again what the ledger does not show as sent.
    await site.written(old);
    const ledger = ledgerAccess(lab.client, site.namespace);
    await eventually(async () => assert.deepEqual((await ledger.content())?.pending, {}));
    await lab.cp.stopApiServer();
    const creating = inParallel(lab.fresh(60), users.createSurely);
    await lab.cp.compact();
    await lab.cp.startApiServer();
    await creating;
    for (const [round, creation] of old.entries()) await users.update(creation, round);
    await eventually(async () => assert.equal(await expired(operator), KINDS.length));
    const { repeats } = await lab.settle(site, { operator, told: since(from) });
    assert.equal(repeats, 0);
  });
});
