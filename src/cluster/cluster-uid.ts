import type { KubeRequest } from './connect.ts';
import { MalformedResponseError } from './errors.ts';
import { jsonOf } from './response-body.ts';

/**
 * Reads the UID of the `kube-system` namespace. Each cluster has exactly one, for its whole
 * lifetime.
 *
 * Rejects with a `MalformedResponseError` if the namespace has no UID.
 *
 * @see https://github.com/kubernetes-sigs/about-api (the proposed `cluster.clusterset.k8s.io` id)
 */
export async function readClusterUid(request: KubeRequest, signal: AbortSignal): Promise<string> {
  const { body } = await request('/api/v1/namespaces/kube-system', { signal });
  const { metadata } = (await jsonOf(body)) as { readonly metadata?: { readonly uid?: unknown } };
  if (typeof metadata?.uid === 'string' && metadata.uid !== '') return metadata.uid;
  throw new MalformedResponseError('sent a namespace without uid');
}
