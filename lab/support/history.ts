import type { KubeClient, KubeObject } from './kube-client.ts';

export interface HistoryOptions {
  readonly client: KubeClient;
  /** The path of the collection, such as `/api/v1/namespaces/NAMESPACE/configmaps`. */
  readonly path: string;
  readonly name: string;
}

/**
 * Every state that an object has from now on, in the order of the cluster's history. It grows until
 * the API server ends the watch or the client is closed.
 */
export async function history({
  client,
  path,
  name,
}: HistoryOptions): Promise<readonly KubeObject[]> {
  const states: KubeObject[] = [];
  const lines = await client.watch(path);

  async function follow(): Promise<void> {
    for await (const { object } of lines) if (object.metadata.name === name) states.push(object);
  }

  // The test's end breaks the connection.
  void follow().catch(() => undefined);
  return states;
}
