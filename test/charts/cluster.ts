import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { type ControlPlaneOptions, startControlPlane } from '../../lab/control-plane/start.ts';
import { expectedClusterId } from '../../lab/support/expected.ts';
import { type KubeObject, kubeClient } from '../../lab/support/kube-client.ts';
import { type Helm, type HelmVersion, helmOf } from './helm.ts';

type ClusterOptions = Pick<ControlPlaneOptions, 'controllers'>;

/** A cluster with nothing of ours in it, and the means to put the chart there. */
export type Cluster = Awaited<ReturnType<typeof startCluster>>;

export async function startCluster(options: ClusterOptions = {}) {
  const cp = await startControlPlane({ rights: null, ...options });
  const client = kubeClient(cp);
  const { metadata } = await client.must('GET', '/api/v1/namespaces/kube-system');

  return {
    cp,
    client,
    clusterId: expectedClusterId(metadata.uid),
    helm: (version: HelmVersion, { validates = false } = {}): Promise<Helm> =>
      helmOf(version, {
        kubeconfig: cp.adminKubeconfig,
        folder: join(cp.folder, version),
        validates,
      }),
    async close() {
      await client[Symbol.asyncDispose]();
      await cp.close();
    },
  };
}

/** Starts a cluster before the tests of a suite, and stops it after them. Returns the way to it. */
export function onCluster(options?: ClusterOptions): () => Cluster {
  let started: Cluster | undefined;
  before(async () => {
    started = await startCluster(options);
  });
  after(() => started?.close());
  return () => {
    if (started === undefined) throw new Error('The cluster has not been started.');
    return started;
  };
}

/** As the API server returns it. */
interface TokenRequest extends KubeObject {
  readonly status: { readonly token: string };
}

/** A kubeconfig with a ServiceAccount's own token. Rejects if there is no such account. */
export async function tokenKubeconfig(
  { client, cp }: Pick<Cluster, 'client' | 'cp'>,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Promise<string> {
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
  const { status } = (await client.must('POST', `${account}/token`, { spec: {} })) as TokenRequest;
  const config = JSON.parse(await readFile(cp.adminKubeconfig, 'utf8')) as {
    users: { name: string; user: object }[];
  };
  config.users = config.users.map((user) => ({ ...user, user: { token: status.token } }));
  const path = join(cp.folder, `${namespace}.${name}.token.kubeconfig`);
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}
