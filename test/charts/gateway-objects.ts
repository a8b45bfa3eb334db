import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import { PLAIN } from '../../tools/chart/render.ts';
import type { Cluster } from './cluster.ts';
import { formerChart } from './former-chart.ts';
import type { Helm, HelmVersion } from './helm.ts';

export const GATEWAY_HOME = 'kusk-system';
const RELEASE = ['kusk-gateway', '--namespace', GATEWAY_HOME];

const CORE = `/api/v1/namespaces/${GATEWAY_HOME}`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${GATEWAY_HOME}/deployments`;
const OURS = '?labelSelector=app.kubernetes.io/name=kusk-gateway,app.kubernetes.io/version=v1.5.4';

/** A list of every kind that the gateway has something of. */
const LISTS = [
  DEPLOYMENTS,
  ...['services', 'configmaps', 'serviceaccounts'].map((plural) => `${CORE}/${plural}`),
  ...['roles', 'rolebindings'].map((plural) => `${RBAC}/namespaces/${GATEWAY_HOME}/${plural}`),
  ...['clusterroles', 'clusterrolebindings'].map((plural) => `${RBAC}/${plural}${OURS}`),
  `${WEBHOOKS}${OURS}`,
  CRDS,
];

interface Item {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: unknown[] };
}

interface List {
  /** `DeploymentList`; the items have no kind of their own. */
  readonly kind: string;
  readonly items: readonly Item[];
}

/** The resourceVersion of each of the gateway's objects, by its kind and name. */
export type Versions = Readonly<Record<string, string>>;

/**
 * Installs Kusk Gateway 1.x before the tests of a suite, and removes it with its namespace and CRDs after
 * them.
 */
export function withGateway(
  cluster: () => Cluster,
  { from, by }: { readonly from: HelmVersion; readonly by: HelmVersion },
): { readonly helm: () => Helm; readonly versions: () => Promise<Versions> } {
  let helm: Helm | undefined;
  const folder = formerChart();

  before(async () => {
    helm = await cluster().helm(by);
    const former = await cluster().helm(from);
    await former.run(['install', ...RELEASE, folder, '--create-namespace']);
    await settled(cluster());
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await helm?.run(['uninstall', ...RELEASE]);
    const { cp } = cluster();
    await cp.kubectl(['delete', 'namespace', GATEWAY_HOME]);
    await cp.kubectl(['delete', 'crd', '--all']);
  });

  return {
    helm() {
      if (helm === undefined) throw new Error('The gateway has not been installed.');
      return helm;
    },
    versions: () => versionsOf(cluster()),
  };
}

async function versionsOf({ client }: Cluster): Promise<Versions> {
  const lists = await Promise.all(
    LISTS.map(async (path) => (await client.must('GET', path)) as unknown as List),
  );
  const versions = lists.flatMap(({ kind, items }) =>
    items
      .filter(isGateways)
      .map(({ metadata }) => [`${kind.replace(/List$/, '')}/${metadata.name}`, metadata] as const),
  );
  return Object.fromEntries(versions.map(([name, metadata]) => [name, metadata.resourceVersion]));
}

/** Not of deploy/, which an attempt may have left in part. */
function isGateways({ metadata: { name, labels } }: Item): boolean {
  const instance = labels?.['app.kubernetes.io/instance'] ?? name;
  return instance !== PLAIN.release;
}

/** Waits until the controllers have nothing more to write into what they look after. */
export async function settled({ client, cp }: Cluster): Promise<void> {
  await cp.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  await eventually(async () => {
    const { items } = (await client.must('GET', DEPLOYMENTS)) as unknown as List;
    for (const { metadata, status } of items) {
      assert.equal(status?.observedGeneration, metadata.generation);
      assert.equal(status.conditions?.length, 2);
    }
    await client.must('GET', `${CORE}/configmaps/kube-root-ca.crt`);
    await client.must('GET', `${CORE}/serviceaccounts/default`);
  });
}
