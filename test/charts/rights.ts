import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Cluster, tokenKubeconfig } from './cluster.ts';
import { CHART, type Helm, setting } from './helm.ts';

const NAMESPACE = 'rights';
const ACCOUNT = 'kusk-gateway-manager';
const RELEASE = ['kusk-gateway', '--namespace', NAMESPACE];

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

const LEDGER: Rule = {
  verbs: ['get', 'update'],
  apiGroups: [''],
  resources: ['configmaps'],
  resourceNames: ['kusk-gateway-ledger'],
};
const LEASE: Rule = {
  verbs: ['get', 'update'],
  apiGroups: ['coordination.k8s.io'],
  resources: ['leases'],
  resourceNames: ['kusk-gateway-manager'],
};
const CLUSTER_WIDE: readonly Rule[] = [
  {
    verbs: ['list', 'watch'],
    apiGroups: ['gateway.kusk.io'],
    resources: ['apis', 'staticroutes', 'envoyfleets', 'envoyfleet'],
  },
  { verbs: ['get'], apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'] },
];

const CASES: readonly {
  readonly title: string;
  readonly set: readonly string[];
  readonly here: readonly Rule[];
  readonly elsewhere: readonly Rule[];
}[] = [
  {
    title: 'with telemetry on',
    set: [],
    here: [...CLUSTER_WIDE, LEDGER, LEASE],
    elsewhere: CLUSTER_WIDE,
  },
  {
    title: 'without leader election',
    set: ['manager.enableLeaderElection=false'],
    here: [...CLUSTER_WIDE, LEDGER],
    elsewhere: CLUSTER_WIDE,
  },
  {
    title: 'with telemetry off',
    set: ['analytics.enabled=false'],
    here: [LEDGER],
    elsewhere: [],
  },
  { title: 'without roles', set: ['rbac.create=false'], here: [], elsewhere: [] },
];

/** What the operator's account may do, to the last verb, as the API server lists it for the account itself. */
export function rightsSuite(cluster: () => Cluster): void {
  describe('what the operator may do', () => {
    let helm: Helm;

    before(async () => {
      helm = await cluster().helm('helm');
      await helm.run([
        'install',
        ...RELEASE,
        CHART,
        '--create-namespace',
        '--set',
        'replicaCount=0',
      ]);
    });
    after(() => helm.run(['uninstall', ...RELEASE]));

    for (const { title, set, here, elsewhere } of CASES) {
      it(title, async () => {
        await helm.run(['upgrade', ...RELEASE, CHART, ...setting(['replicaCount=0', ...set])]);
        assert.deepEqual(await rights(NAMESPACE), new Set(here.map(asText)));
        assert.deepEqual(await rights('default'), new Set(elsewhere.map(asText)));
      });
    }

    /** What the account may do in a namespace, beyond what every account may. */
    async function rights(namespace: string): Promise<ReadonlySet<string>> {
      const [ours, anyones] = await Promise.all([
        rulesOf(ACCOUNT, namespace),
        rulesOf('default', namespace),
      ]);
      return ours.difference(anyones);
    }

    async function rulesOf(name: string, namespace: string): Promise<Set<string>> {
      const { cp } = cluster();
      const kubeconfig = await tokenKubeconfig(cluster(), { name, namespace: NAMESPACE });
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectRulesReview',
        spec: { namespace },
      };
      const args = ['create', '--validate=false', '-o', 'json', '-f', '-'];
      const answer = await cp.kubectl(args, { kubeconfig, input: JSON.stringify(review) });
      const { status } = JSON.parse(answer) as {
        readonly status: {
          readonly incomplete: boolean;
          readonly resourceRules: readonly Rule[];
          readonly nonResourceRules: readonly Rule[];
        };
      };
      assert.equal(status.incomplete, false);
      return new Set([...status.resourceRules, ...status.nonResourceRules].map(asText));
    }
  });
}

function asText({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: Rule): string {
  return JSON.stringify({ apiGroups, resources, resourceNames, nonResourceURLs, verbs });
}
