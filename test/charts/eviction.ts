import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import type { KubeObject } from '../../lab/support/kube-client.ts';
import type { Cluster } from './cluster.ts';
import { CHART, type Helm, setting } from './helm.ts';

const NAMESPACE = 'eviction';
const RELEASE = ['kusk-gateway', '--namespace', NAMESPACE];
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const BUDGET = `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets/kusk-gateway-manager`;

const READY = {
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
};

interface Budget extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly generation: number };
  readonly status: {
    readonly expectedPods: number;
    readonly currentHealthy: number;
    readonly observedGeneration: number;
  };
}

/** The strictest that is accepted, for each number of replicas. */
const CASES: readonly { readonly replicas: number; readonly set: readonly string[] }[] = [
  { replicas: 1, set: ['enabled=true'] },
  { replicas: 1, set: ['enabled=true', 'maxUnavailable=1%'] },
  { replicas: 1, set: ['minAvailable=0'] },
  { replicas: 2, set: ['minAvailable=1'] },
  { replicas: 2, set: ['minAvailable=50%'] },
  { replicas: 3, set: ['minAvailable=66%'] },
  { replicas: 3, set: ['enabled=true', 'maxUnavailable=1%'] },
  { replicas: 4, set: ['minAvailable=3'] },
  { replicas: 4, set: ['minAvailable=75%'] },
];

/** A node with a pod of the operator can always be drained, as the eviction API has it. */
export function evictionSuite(cluster: () => Cluster): void {
  describe('a budget lets a healthy pod be evicted', () => {
    let helm: Helm;

    before(async () => {
      helm = await cluster().helm('helm');
      const none = setting(['replicaCount=0', 'crds.install=false']);
      await helm.run(['install', ...RELEASE, CHART, '--create-namespace', ...none]);
    });
    after(async () => {
      await helm.run(['uninstall', ...RELEASE]);
      await cluster().cp.kubectl(['delete', 'namespace', NAMESPACE]);
    });

    for (const { replicas, set } of CASES) {
      it(`of ${replicas}, with ${set.join(' and ')}`, async () => {
        const { client } = cluster();
        const values = [`replicaCount=${replicas}`, 'crds.install=false'];
        const budget = set.map((pair) => `podDisruptionBudget.${pair}`);
        await helm.run(['upgrade', ...RELEASE, CHART, ...setting([...values, ...budget])]);
        const pods = await eventually(() => allHealthy(replicas));
        const name = pods[0]?.metadata.name ?? '';
        const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
        await client.must('POST', `${PODS}/${name}/eviction`, eviction);
      });
    }

    /** There is no kubelet, so pods are made to look ready; the budget has to have seen it. */
    async function allHealthy(replicas: number): Promise<readonly KubeObject[]> {
      const { client } = cluster();
      const list = (await client.must('GET', PODS)) as unknown as { items: KubeObject[] };
      assert.equal(list.items.length, replicas);
      for (const { metadata } of list.items) {
        await client.must('PATCH', `${PODS}/${metadata.name}/status`, READY);
      }
      const { metadata, status } = (await client.must('GET', BUDGET)) as Budget;
      assert.equal(status.observedGeneration, metadata.generation);
      assert.deepEqual([status.expectedPods, status.currentHealthy], [replicas, replicas]);
      return list.items;
    }
  });
}
