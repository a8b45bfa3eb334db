import { isLater } from '../event.ts';
import type { KubeRequest } from './connect.ts';
import { readList } from './list-body.ts';
import { METADATA_LIST_JSON, resourceVersionOf } from './metadata.ts';

/**
 * Returns whether a resourceVersion names a revision of the cluster's history. Empty and `0` do
 * not: they mean "now" and "any", and a watch from there replays everything that exists.
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
 * Returns whether the cluster's history has not reached this resourceVersion, as after a restore
 * from a backup. The server accepts a watch from there and sends nothing until history reaches it.
 *
 * Lists one object. Its body is read as a stream, because a single object can have several MB.
 */
export async function isAheadOfServer(
  resourceVersion: string,
  { request, path, signal }: HistoryOptions,
): Promise<boolean> {
  const query = { limit: '1' };
  const response = await request(path, { query, accept: METADATA_LIST_JSON, signal });
  const { list } = await readList(response, () => undefined);
  const latest = resourceVersionOf(list);
  return isRevision(latest) && isLater(resourceVersion, latest);
}
