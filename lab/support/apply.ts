import { readFile } from 'node:fs/promises';
import { loadAll } from 'js-yaml';
import type { KubeClient } from './kube-client.ts';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

const OF_THE_CLUSTER = ['ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition'];

export interface ApplyOptions {
  readonly client: KubeClient;
  /** Where namespaced objects go. It must exist. */
  readonly namespace: string;
}

/**
 * Creates the objects of a manifest, or merges them into those that exist. For what a test needs before it
 * begins: kubectl would take twenty times the processor time. What kubectl itself does with a manifest is
 * tested with kubectl.
 */
export async function applyManifest(
  file: string,
  { client, namespace }: ApplyOptions,
): Promise<void> {
  for (const manifest of loadAll(await readFile(file, 'utf8')) as Manifest[]) {
    const path = collectionOf(manifest, namespace);
    const { status, object } = await client.send('POST', path, manifest);
    if (status === 409) await client.must('PATCH', `${path}/${manifest.metadata.name}`, manifest);
    else if (status !== 201) throw new Error(`POST ${path}: ${status} ${JSON.stringify(object)}`);
  }
}

function collectionOf({ apiVersion, kind }: Manifest, namespace: string): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const home = OF_THE_CLUSTER.includes(kind) ? '' : `/namespaces/${namespace}`;
  return `${group}${home}/${kind.toLowerCase()}s`;
}
