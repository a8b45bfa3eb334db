import { isLater } from '../event.ts';
import type { KubeRequest } from './connect.ts';
import { METADATA_LIST_JSON, resourceVersionOf } from './metadata.ts';
import { jsonOf } from './response-body.ts';

/**
 * Whether a resourceVersion names a moment of a cluster's history. Empty and `0` do not: they mean
 * "now" and "any", and a watch from there replays everything that exists.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function isRevision(resourceVersion: string | undefined): resourceVersion is string {
  return resourceVersion !== undefined && !/^0*$/.test(resourceVersion);
}

export interface HistoryOptions {
  readonly request: KubeRequest;
  /** The path of a collection. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/**
 * Whether the cluster's history has not come to this moment, as after the restore of a backup. A
 * watch from there is accepted, and silent until history comes to it.
 */
export async function isAheadOfServer(
  resourceVersion: string,
  { request, path, signal }: HistoryOptions,
): Promise<boolean> {
  const query = { limit: '1' };
  const { body } = await request(path, { query, accept: METADATA_LIST_JSON, signal });
  const now = resourceVersionOf(await jsonOf(body));
  return isRevision(now) && isLater(resourceVersion, now);
}
