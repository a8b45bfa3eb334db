import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { accept, named } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { ledgerAccess } from '../../lab/support/ledger.ts';
import type { Operator } from '../../lab/support/operator.ts';
import type { Creation } from '../../lab/support/resources.ts';
import { type Rounds, rounds } from '../../lab/support/rounds.ts';
import { LEDGER, type Site } from '../../lab/support/site.ts';

const LEASE = 'kusk-gateway-manager';
const RESTORED =
  /^the ledger was emptied, deleted, damaged or replaced: it is written again from memory$/;
let lab: Lab;
let sites = 0;
let createSome: Rounds['createSome'];
let timesTold: Rounds['timesTold'];

before(async () => {
  lab = await startLab({ namespaces: ['users'] });
  ({ createSome, timesTold } = rounds(lab));
});
after(() => lab.close());

/** Ledger and Lease as a chart renders them that can't look at the cluster. */
function rendered(namespace: string): string {
  const labels = { 'app.kubernetes.io/name': 'kusk-gateway' };
  const objects = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: LEDGER, namespace, labels } },
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: LEASE, namespace, labels },
    },
  ];
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

/**
 * An installation as a chart makes it, whose endpoint is away and which has six creations pending.
 * `replace` is what `kubectl replace`, Argo CD's `Replace=true` and Flux's `force` do.
 */
async function setup(t: TestContext, replicas: number) {
  sites += 1;
  const site = await lab.site(`replaced-${sites}`);
  t.after(() => site[Symbol.asyncDispose]());
  const folder = await mkdtemp(join(tmpdir(), 'kusk-replaced-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'rendered.yaml');
  await writeFile(file, rendered(site.namespace));
  await lab.cp.kubectl(['create', '-f', file]);

  const refused = site.refuse();
  const operators: Operator[] = [];
  for (let count = 0; count < replicas; count += 1) {
    const operator = await site.start({ podName: `operator-${count}` });
    await operator.ready();
    operators.push(operator);
  }
  await refused;
  const creations = [...(await createSome()), ...(await createSome())];
  const ledger = ledgerAccess(lab.client, site.namespace);
  const isWhole = async () => {
    const text = JSON.stringify((await ledger.content())?.pending);
    for (const { uid } of creations) {
      const packed = Buffer.from(uid.replaceAll('-', ''), 'hex').toString('base64url');
      assert.ok(text.includes(packed), uid);
    }
  };
  await eventually(isWhole);
  const replace = () => lab.cp.kubectl(['replace', '-f', file]);
  return { site, operators, creations, isWhole, replace };
}

/** The endpoint is back: everything arrives, and the install and the heartbeat under one id. */
async function assertAllArrive(site: Site, creations: readonly Creation[]): Promise<void> {
  site.endpoint.behave(accept);
  await site.arrived(creations);
  await eventually(() => {
    for (const name of ['install', 'heartbeat']) {
      const ids = named(site.endpoint.accepted, name).map(({ messageId }) => messageId);
      assert.equal(new Set(ids).size, 1, name);
    }
  });
  assert.ok(timesTold(site, creations).every((times) => times >= 1));
}

const restored = (operators: readonly Operator[]) =>
  operators.flatMap(({ lines }) => lines.filter(({ msg }) => RESTORED.test(msg)));

describe('a ledger and a Lease that are replaced by what a chart renders', {
  concurrency: 3,
}, () => {
  it('are written again by an operator that is ended just then', async (t) => {
    const { site, operators, creations, isWhole, replace } = await setup(t, 1);
    await replace();
    for (const operator of operators) assert.equal(await operator.stop(), 0);
    await isWhole();
    assert.equal(restored(operators).length, 1);
    const again = await site.start();
    await assertAllArrive(site, creations);
    assert.equal(await again.stop(), 0);
  });

  it('are written again by an operator that goes on, before it can be killed', async (t) => {
    const { site, operators, creations, isWhole, replace } = await setup(t, 1);
    await replace();
    await eventually(isWhole);
    // The line comes after the write that it reports.
    await eventually(() => assert.notEqual(restored(operators).length, 0));
    for (const operator of operators) await operator.stop('SIGKILL');
    assert.equal(restored(operators).length, 1);
    const again = await site.start({ podName: 'operator-0' });
    await assertAllArrive(site, creations);
    assert.equal(await again.stop(), 0);
  });

  it('stay with the leader, whose followers wait', async (t) => {
    const { site, operators, creations, isWhole, replace } = await setup(t, 2);
    for (let count = 0; count < 3; count += 1) {
      await replace();
      await eventually(isWhole);
    }
    await assertAllArrive(site, creations);
    const leaders = operators.filter(({ lines }) => lines.some(({ state }) => state === 'leading'));
    assert.equal(leaders.length, 1);
    for (const operator of operators) assert.equal(await operator.stop(), 0);
    assert.ok(timesTold(site, creations).every((times) => times === 1));
  });
});
