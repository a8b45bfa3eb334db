import { readFile } from 'node:fs/promises';
import { loadAll } from 'js-yaml';
import { collectionPath, type KubeObject, objectPath } from '../../src/cli/install/kube-object.ts';
import type { KubeClient } from './kube-client.ts';

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
export async function applyManifest(file: string, options: ApplyOptions): Promise<void> {
  for (const object of loadAll(await readFile(file, 'utf8')) as KubeObject[]) {
    await applyObject(object, options);
  }
}

/** Creates an object, or merges it into the one that exists. */
export async function applyObject(
  object: KubeObject,
  { client, namespace }: ApplyOptions,
): Promise<void> {
  const { kind, metadata } = object;
  const path = collectionPath(kind, namespace);
  const answer = await client.send('POST', path, object);
  if (answer.status === 201) return;
  if (answer.status !== 409) {
    throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.object)}`);
  }
  await client.must('PATCH', objectPath({ kind, name: metadata.name, namespace }), object);
}
