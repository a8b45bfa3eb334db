import type { KubeClient } from './kube-client.ts';

/** What the operator may do, in parts that can be missing. */
const PARTS = {
  kinds: { group: 'gateway.kusk.io', resources: ['*'], verbs: ['list', 'watch'] },
  'kube-system': { group: '', resources: ['namespaces'], verbs: ['get'] },
  ledger: { group: '', resources: ['configmaps'], verbs: ['get', 'update'] },
  'new-ledger': { group: '', resources: ['configmaps'], verbs: ['create'] },
  lease: { group: 'coordination.k8s.io', resources: ['leases'], verbs: ['get', 'update'] },
  'new-lease': { group: 'coordination.k8s.io', resources: ['leases'], verbs: ['create'] },
} as const;

export type Part = keyof typeof PARTS;

/** A service account whose rights are given and taken part by part. */
export interface PartialAccount {
  readonly name: string;
  readonly namespace: string;
  readonly give: (part: Part) => Promise<void>;
  readonly take: (part: Part) => Promise<void>;
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** Makes a namespace with an account in it that has all rights of the operator but some. */
export async function partialAccount(
  client: KubeClient,
  { namespace, without = [] }: { readonly namespace: string; readonly without?: readonly Part[] },
): Promise<PartialAccount> {
  const name = 'partial';
  await client.must('POST', '/api/v1/namespaces', { metadata: { name: namespace } });

  async function give(part: Part): Promise<void> {
    const { group, resources, verbs } = PARTS[part];
    const metadata = { name: `${namespace}-${part}` };
    const rules = [{ apiGroups: [group], resources, verbs }];
    await client.must('POST', `${RBAC}/clusterroles`, { metadata, rules });
    await client.must('POST', `${RBAC}/clusterrolebindings`, {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    });
  }

  async function take(part: Part): Promise<void> {
    for (const plural of ['clusterrolebindings', 'clusterroles']) {
      await client.must('DELETE', `${RBAC}/${plural}/${namespace}-${part}`);
    }
  }

  for (const part of Object.keys(PARTS) as Part[]) if (!without.includes(part)) await give(part);
  return { name, namespace, give, take };
}
