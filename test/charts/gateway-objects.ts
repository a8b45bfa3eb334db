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

/** Every kind that the gateway has something of. */
const NAMESPACED = 'deployments,services,configmaps,serviceaccounts,roles,rolebindings';
const CLUSTER_WIDE =
  'clusterroles,clusterrolebindings,customresourcedefinitions,validatingwebhookconfigurations';

interface List {
  readonly items: readonly {
    readonly kind: string;
    readonly metadata: {
      readonly name: string;
      readonly resourceVersion: string;
      readonly generation: number;
      readonly labels?: Readonly<Record<string, string>>;
    };
    readonly status?: { readonly observedGeneration?: number; readonly conditions?: unknown[] };
  }[];
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

async function versionsOf(cluster: Cluster): Promise<Versions> {
  const list = async (...args: readonly string[]) => {
    const found = JSON.parse(await cluster.cp.kubectl(['get', '-o', 'json', ...args])) as List;
    return found.items;
  };
  const ours = ['-l', 'app.kubernetes.io/name=kusk-gateway,app.kubernetes.io/version=v1.5.4'];
  const objects = [
    ...(await list(NAMESPACED, '-n', GATEWAY_HOME)),
    ...(await list(CLUSTER_WIDE, ...ours)),
    ...(await list('customresourcedefinitions')),
  ];
  return Object.fromEntries(
    objects
      .filter(isGateways)
      .map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.resourceVersion]),
  );
}

/** Not of deploy/, which an attempt may have left in part. */
function isGateways({ metadata: { name, labels } }: List['items'][number]): boolean {
  const instance = labels?.['app.kubernetes.io/instance'] ?? name;
  return instance !== PLAIN.release;
}

/** Waits until the controllers have nothing more to write into what they look after. */
export async function settled({ cp }: Cluster): Promise<void> {
  await cp.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  await eventually(async () => {
    const args = ['get', 'deployments', '-n', GATEWAY_HOME, '-o', 'json'];
    for (const { metadata, status } of (JSON.parse(await cp.kubectl(args)) as List).items) {
      assert.equal(status?.observedGeneration, metadata.generation);
      assert.equal(status.conditions?.length, 2);
    }
    await cp.kubectl(['get', 'configmap', 'kube-root-ca.crt', '-n', GATEWAY_HOME]);
    await cp.kubectl(['get', 'serviceaccount', 'default', '-n', GATEWAY_HOME]);
  });
}
