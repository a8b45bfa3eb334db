import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { type Creation, PLURALS, resources } from '../../lab/support/resources.ts';
import type { Kind } from '../../src/event.ts';

/** One version of a CRD, as far as it matters here. */
interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
}

let lab: Lab;
before(async () => {
  lab = await startLab({ namespaces: ['north'] });
});
after(() => lab.close());

/** Serves a kind in these versions only, the first of which is stored; resolves once it does. */
async function serve(kind: Kind, names: readonly string[]): Promise<void> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${PLURALS[kind]}.gateway.kusk.io`;
  await eventually(async () => {
    const crd = await lab.client.must('GET', path);
    const known = crd.spec?.versions as readonly Version[];
    const all = [...new Set([...known.map(({ name }) => name), ...names])];
    const versions = all.map((name) => ({
      ...known[0],
      ...known.find((version) => version.name === name),
      name,
      served: names.includes(name),
      storage: name === names[0],
    }));
    await lab.client.must('PUT', path, { ...crd, spec: { ...crd.spec, versions } });
  });
  for (const name of names) {
    const collection = `/apis/gateway.kusk.io/${name}/${PLURALS[kind]}`;
    await eventually(async () => {
      const { status } = await lab.client.send('GET', collection);
      assert.equal(status, 200);
    });
  }
}

describe('a kind that is served in another version', () => {
  it('is followed there, and nothing of it is counted twice', async () => {
    await using site = await lab.site('versions');
    const operator = await site.start();
    await operator.ready();
    const created: Creation[] = [];
    for (const versions of [['v1alpha1', 'v1beta1'], ['v1beta1'], ['v1', 'v1beta1'], ['v1']]) {
      await serve('API', versions);
      const [version = ''] = versions;
      const users = resources({ client: lab.client, version });
      const apis = lab.fresh(15).filter(({ kind }) => kind === 'API');
      created.push(...(await users.createAll(apis)));
      await site.arrived(created);
    }
    await serve('API', ['v1alpha1', 'v1']);
    await lab.settle(site, { operator, told: created });
    assert.ok(!operator.output().includes('CRD is not installed'), operator.output());
  });
});
