import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ensure } from '../../../lab/control-plane/ensure.ts';
import { exportText } from '../../../src/cli/install/export.ts';
import type { InstallSettings } from '../../../src/cli/install/object-settings.ts';
import { installationObjects } from '../../../src/cli/install/objects.ts';
import { yamlText } from '../../../src/cli/output/documents.ts';
import { type Manifest, manifests, render } from '../../../tools/chart/render.ts';
import { CHART } from '../../charts/helm.ts';

const NOT_OF_THE_CHART = ['Namespace'];
/** It exists only while telemetry is off: docs/adr/0011. */
const SWITCHES = 'ConfigMap kusk-gateway-manager';

const cases: readonly {
  readonly title: string;
  readonly settings: InstallSettings;
  readonly set: readonly string[];
}[] = [
  { title: 'by default', settings: { namespace: 'kusk-system', analytics: true }, set: [] },
  {
    title: 'with telemetry off',
    settings: { namespace: 'kusk-system', analytics: false },
    set: ['analytics.enabled=false'],
  },
  {
    title: 'in another namespace, with an image, replicas and an endpoint of its own',
    settings: {
      namespace: 'elsewhere',
      analytics: true,
      image: 'registry.example:5000/telemetry:v7',
      replicas: 3,
      endpoint: 'https://collector.example/v1?a=b&c=<d>',
    },
    set: [
      'manager.image.registry=registry.example:5000',
      'manager.image.repository=telemetry',
      'manager.image.tag=v7',
      'replicaCount=3',
      'analytics.endpoint=https://collector.example/v1?a=b&c=<d>',
    ],
  },
  {
    title: 'with a write key',
    settings: { namespace: 'kusk-system', analytics: true, writeKey: 'k<e>&y<NAMESPACE>' },
    set: ['analytics.writeKey=k<e>&y<NAMESPACE>'],
  },
  {
    title: 'with a write key and telemetry off',
    settings: { namespace: 'kusk-system', analytics: false, writeKey: 'key' },
    set: ['analytics.writeKey=key', 'analytics.enabled=false'],
  },
];

async function rendered({ settings, set }: (typeof cases)[number]): Promise<readonly Manifest[]> {
  const { helm } = await ensure(['helm'], { env: process.env, log: console.log });
  const { namespace, analytics } = settings;
  const all = manifests(await render({ helm, chart: CHART, namespace, crds: true, set }));
  return all.filter((object) => !analytics || nameOf(object) !== SWITCHES);
}

function nameOf({ kind, metadata }: Pick<Manifest, 'kind' | 'metadata'>): string {
  return `${kind} ${metadata.name}`;
}

function byName<Object extends Pick<Manifest, 'kind' | 'metadata'>>(objects: readonly Object[]) {
  return Object.fromEntries(objects.map((object) => [nameOf(object), object]));
}

describe('the objects of an installation', () => {
  for (const one of cases) {
    it(`are those of the chart, ${one.title}`, async () => {
      const objects = installationObjects(one.settings);
      const ofTheChart = objects.filter(({ kind }) => !NOT_OF_THE_CHART.includes(kind));
      assert.deepEqual(byName(ofTheChart), byName(await rendered(one)));
    });
  }

  for (const { title, settings } of cases) {
    it(`are what --export prints, ${title}`, async () => {
      const objects = installationObjects(settings);
      assert.equal(
        await exportText(settings),
        objects.map((one) => `---\n${yamlText(one)}`).join(''),
      );
    });
  }

  it('are what --export prints, in namespaces that YAML takes for other values', async () => {
    for (const namespace of ['123', 'on', 'null', '1e3', 'a-b', '0x1f', '1-2']) {
      const settings = { namespace, analytics: true };
      const objects = installationObjects(settings);
      assert.equal(
        await exportText(settings),
        objects.map((one) => `---\n${yamlText(one)}`).join(''),
      );
    }
  });

  it('begin with the namespace and the CRDs, and end with the Deployment', () => {
    const kinds = installationObjects({ namespace: 'a', analytics: true }).map(({ kind }) => kind);
    assert.equal(kinds[0], 'Namespace');
    assert.equal(kinds[1], 'CustomResourceDefinition');
    assert.equal(kinds.at(-1), 'Deployment');
    assert.ok(kinds.indexOf('ServiceAccount') < kinds.indexOf('RoleBinding'));
  });
});
