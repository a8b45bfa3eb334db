import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import type { Operator } from '../../lab/support/operator.ts';
import { resources } from '../../lab/support/resources.ts';
import type { Kind } from '../../src/event.ts';

const CRDS = fileURLToPath(new URL('../../deploy/crds', import.meta.url));
const RELEASED = fileURLToPath(new URL('../deploy/envoyfleet-released.yaml', import.meta.url));
const RELEASED_PLURALS = { API: 'apis', StaticRoute: 'staticroutes', EnvoyFleet: 'envoyfleet' };

/** Resolves once the operator has said that a kind does not exist. */
async function missed(operator: Operator, kind: Kind): Promise<void> {
  await eventually(() => {
    const said = operator.lines.find((line) => line.kind === kind && /CRD is not/.test(line.msg));
    assert.ok(said, operator.output());
  });
}

describe('an operator that sends each creation once while custom resource definitions', () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ namespaces: ['north', 'south'], crds: false });
  });
  after(() => lab.close());

  async function removeCrd(plural: string): Promise<void> {
    await lab.cp.kubectl(['delete', 'crd', `${plural}.gateway.kusk.io`]);
    await lab.served(plural, false);
  }

  it('are installed while it runs, in the form of Kusk Gateway 1.x, and then in ours', async () => {
    await using site = await lab.site('later');
    const operator = await site.start();
    await operator.ready();
    for (const kind of ['API', 'StaticRoute', 'EnvoyFleet'] as const) await missed(operator, kind);
    const released = resources({ client: lab.client, plurals: RELEASED_PLURALS });
    await lab.cp.kubectl(['apply', '-f', RELEASED]);
    await lab.served('envoyfleet');
    const fleets = lab.fresh(9).filter(({ kind }) => kind === 'EnvoyFleet');
    await released.createAll(fleets);
    await site.arrived(released.created);

    await removeCrd('envoyfleet');
    await lab.installCrds();
    const more = await lab.users.createAll([...fleets, ...lab.fresh(9)]);
    const { repeats } = await lab.settle(site, {
      operator,
      told: [...released.created, ...more],
    });
    assert.equal(repeats, 0);
  });

  it('are deleted and created again', async () => {
    await using site = await lab.site('again');
    const { users, cp } = lab;
    const operator = await site.start();
    await operator.ready();
    const from = users.created.length;
    const names = lab.fresh(12);
    const apis = names.filter(({ kind }) => kind === 'API');
    const routes = names.filter(({ kind }) => kind === 'StaticRoute');
    await users.createAll(names);
    await site.arrived(users.created.slice(from));

    await removeCrd('apis');
    await missed(operator, 'API');
    // This one is back before the operator can have looked again.
    await removeCrd('staticroutes');
    await cp.kubectl(['apply', '-f', CRDS]);
    await lab.served('staticroutes');
    await users.createAll(routes);
    await lab.served('apis');
    await users.createAll(apis);
    const { repeats } = await lab.settle(site, { operator, told: users.created.slice(from) });
    assert.equal(repeats, 0);
  });

  it('are deleted and created again while it is down, and missing when it starts', async () => {
    await using site = await lab.site('down');
    const { users, cp } = lab;
    const operator = await site.start();
    await operator.ready();
    const from = users.created.length;
    const names = lab.fresh(12);
    await users.createAll(names);
    await site.arrived(users.created.slice(from));
    await operator.stop();

    await removeCrd('apis');
    await removeCrd('staticroutes');
    await cp.kubectl(['apply', '-f', `${CRDS}/gateway.kusk.io_staticroutes.yaml`]);
    await lab.served('staticroutes');
    await users.createAll(names.filter(({ kind }) => kind === 'StaticRoute'));
    const again = await site.start();
    await again.ready();
    await missed(again, 'API');
    await lab.installCrds();
    await users.createAll(names.filter(({ kind }) => kind === 'API'));
    const { repeats } = await lab.settle(site, {
      operator: again,
      told: users.created.slice(from),
    });
    assert.equal(repeats, 0);
  });
});
