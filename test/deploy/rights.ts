import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import type { Lab } from './lab.ts';
import { RIGHTS } from './manifests.ts';

const ACCOUNT = 'kusk-gateway-telemetry';
const OURS = ['apis', 'staticroutes', 'envoyfleets', 'envoyfleet'];
const LEASES = 'coordination.k8s.io';

/** Whom one asks for, in a namespace. */
interface Asked {
  readonly account: string;
  readonly namespace: string;
}

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

interface Review {
  readonly status: {
    readonly incomplete: boolean;
    readonly resourceRules: readonly Rule[];
    readonly nonResourceRules: readonly Rule[];
  };
}

const CLUSTER_WIDE: readonly Rule[] = [
  { verbs: ['list', 'watch'], apiGroups: ['gateway.kusk.io'], resources: OURS },
  { verbs: ['get'], apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'] },
];

const AT_HOME: readonly Rule[] = [
  ...CLUSTER_WIDE,
  {
    verbs: ['get', 'update'],
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: ['kusk-gateway-ledger'],
  },
  {
    verbs: ['get', 'update'],
    apiGroups: [LEASES],
    resources: ['leases'],
    resourceNames: ['kusk-gateway-manager'],
  },
  { verbs: ['create'], apiGroups: [''], resources: ['configmaps'] },
  { verbs: ['create'], apiGroups: [LEASES], resources: ['leases'] },
];

/** What the operator's account may do, to the last verb. */
export function rightsSuite(lab: Lab): void {
  describe('what the operator may do', () => {
    before(() => install(lab, 'kusk-system'));

    it('in its own namespace: the list of deploy/rbac.yaml and nothing else', async () => {
      await assertExactly(lab, { namespace: 'kusk-system', expected: AT_HOME });
    });

    it('in any other namespace: the part for the whole cluster and nothing else', async () => {
      await assertExactly(lab, { namespace: 'default', expected: CLUSTER_WIDE });
    });

    it('list the resources of every namespace, but not read one', async () => {
      const { kubectl, operatorKubeconfig: kubeconfig } = lab();
      await kubectl(['get', 'apis', '--all-namespaces'], { kubeconfig });
      const one = kubectl(['get', 'api', 'sample', '-n', 'default'], { kubeconfig });
      await assert.rejects(one, /cannot get resource "apis" in API group "gateway.kusk.io"/);
    });

    it('read the one namespace that makes the cluster id, but no other', async () => {
      const { kubectl, operatorKubeconfig: kubeconfig } = lab();
      await kubectl(['get', 'namespace', 'kube-system'], { kubeconfig });
      const other = kubectl(['get', 'namespace', 'default'], { kubeconfig });
      await assert.rejects(other, /cannot get resource "namespaces"/);
    });

    it('moves to another namespace as the comment of deploy/rbac.yaml says', async () => {
      await install(lab, 'elsewhere');
      await assertExactly(lab, { namespace: 'elsewhere', expected: AT_HOME });
      await install(lab, 'kusk-system');
    });
  });
}

async function install(lab: Lab, namespace: string) {
  const { kubectl } = lab();
  const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify(home) });
  const input = readFileSync(RIGHTS, 'utf8').replaceAll('kusk-system', namespace);
  await kubectl(['apply', '-n', namespace, '-f', '-'], { input });
}

interface Expectation {
  readonly namespace: string;
  readonly expected: readonly Rule[];
}

/** Compares with an account that was granted nothing, since every account may do a few things. */
async function assertExactly(lab: Lab, { namespace, expected }: Expectation) {
  const home = namespace === 'default' ? 'kusk-system' : namespace;
  const user = (name: string) => `system:serviceaccount:${home}:${name}`;
  const operator = await rulesOf(lab, { account: user(ACCOUNT), namespace });
  const nobody = new Set(await rulesOf(lab, { account: user('nobody'), namespace }));
  const granted = operator.filter((rule) => !nobody.has(rule));
  assert.deepEqual(new Set(granted), new Set(expected.map(asText)));
}

async function rulesOf(lab: Lab, { account, namespace }: Asked): Promise<string[]> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace },
  };
  // Without kubectl's own validation, for which this account would have to read our CRDs.
  const args = ['create', '--validate=false', '-f', '-', '-o', 'json', '--as', account];
  const answer = await lab().kubectl(args, { input: JSON.stringify(review) });
  const { status } = JSON.parse(answer) as Review;
  assert.equal(status.incomplete, false);
  return [...status.resourceRules, ...status.nonResourceRules].map(asText);
}

function asText({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: Rule): string {
  return JSON.stringify({ apiGroups, resources, resourceNames, nonResourceURLs, verbs });
}
