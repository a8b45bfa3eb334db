import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { before, describe, it } from 'node:test';
import { load } from 'js-yaml';
import { eventually } from '../../lab/support/eventually.ts';
import type { KubeObject } from '../../lab/support/kube-client.ts';
import type { Cluster } from './cluster.ts';
import { CI_FILES, FEATURES, TOGETHER } from './features.ts';
import { CHART, type Helm } from './helm.ts';
import { find, parse, render } from './rendered.ts';

const NAMESPACE = 'restricted';

/** Returns a namespace in which Pod Security admits only what is restricted. */
export function restricted(name: string) {
  const labels = {
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/warn': 'restricted',
  };
  return { metadata: { name, labels } };
}

/** Stand-ins for the Prometheus operator's CRDs, of which only the names matter here. */
export const MONITORS = ['ServiceMonitor', 'PrometheusRule'].map((kind) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${kind.toLowerCase()}s.monitoring.coreos.com` },
  spec: {
    group: 'monitoring.coreos.com',
    scope: 'Namespaced',
    names: { kind, plural: `${kind.toLowerCase()}s` },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
}));

/** Everything that the chart can make, before the real API server and its admission. */
export function admittedSuite(cluster: () => Cluster): void {
  describe('what the API server admits', () => {
    let helm: Helm;

    before(async () => {
      const { client, cp } = cluster();
      helm = await cluster().helm('helm', { validates: true });
      await client.must('POST', '/api/v1/namespaces', restricted(NAMESPACE));
      const input = MONITORS.map((crd) => JSON.stringify(crd)).join('\n---\n');
      await cp.kubectl(['apply', '-f', '-'], { input });
      await cp.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
      await eventually(() => cp.kubectl(['get', 'servicemonitors,prometheusrules']));
    });

    /** Creates everything in a dry run, and the pod that the Deployment would make. */
    async function assertAdmitted(...files: readonly object[]) {
      const { cp } = cluster();
      const values = JSON.stringify(files.reduce(deepMerge, {}));
      // Unlike `render`, with the pod of `helm test`.
      const args = ['template', 'kusk-gateway', CHART, '--namespace', NAMESPACE, '-f', '-'];
      const objects = parse(await helm.run(args, { input: values }));
      assert.ok(find(objects, 'Pod'));
      const { template } = find(objects, 'Deployment').spec as { readonly template: object };
      const metadata = { name: 'pod', namespace: NAMESPACE };
      const pod = { apiVersion: 'v1', kind: 'Pod', ...template, metadata };
      // A pod's account has to be there, also in a dry run.
      const input = [...objects, pod]
        .map((object) => JSON.stringify(object))
        .join('\n---\n')
        .replaceAll(/"serviceAccountName":"[\w-]+"/g, '"serviceAccountName":"default"');
      const apply = ['apply', '--dry-run=server', '--server-side', '--validate=strict', '-f', '-'];
      await cp.kubectl(apply, { input });
    }

    for (const [title, values] of Object.entries(FEATURES)) {
      it(title, () => assertAdmitted(values));
      it(`${title}, with telemetry off`, () =>
        assertAdmitted(values, { analytics: { enabled: false } }));
    }

    for (const file of CI_FILES) {
      it(`ci/${basename(file)}`, async () =>
        assertAdmitted(load(await readFile(file, 'utf8')) as object));
    }

    it('pods that fix no user or group, so that a platform may give its own', async () => {
      const deployment = find(await render(helm), 'Deployment');
      assert.doesNotMatch(JSON.stringify(deployment), /runAsUser|runAsGroup|fsGroup|"supplemental/);
      assert.match(JSON.stringify(deployment), /"runAsNonRoot":true/);
    });

    it('everything together', () => assertAdmitted(...TOGETHER));

    it('no pod that runs as root, so that the above says something', async () => {
      const careless = assertAdmitted({ securityContext: { runAsNonRoot: false, runAsUser: 0 } });
      await assert.rejects(careless, /violates PodSecurity "restricted/);
    });

    it('the pods of a release, in a namespace of restricted pods', async () => {
      const { client } = cluster();
      const release = ['kusk-gateway', '--namespace', NAMESPACE];
      await helm.run(['install', ...release, CHART, '--set', 'replicaCount=2']);
      await eventually(async () => {
        const list = await client.must('GET', `/api/v1/namespaces/${NAMESPACE}/pods`);
        assert.equal((list as unknown as { items: readonly KubeObject[] }).items.length, 2);
      });
      await helm.run(['uninstall', ...release]);
    });
  });
}

function deepMerge(one: object, other: object): object {
  const merged: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    merged[key] =
      isMapping(value) && isMapping(merged[key]) ? deepMerge(merged[key], value) : value;
  }
  return merged;
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
