import type { KubeClient, KubeObject } from './kube-client.ts';

/** What a kubelet would report. */
export type PodReport = 'ready' | 'ImagePullBackOff';

const REPORTS = {
  ready: {
    phase: 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'True' },
    ],
    containerStatuses: [{ ...container(), ready: true, state: { running: {} } }],
  },
  ImagePullBackOff: {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [
      {
        ...container(),
        ready: false,
        state: {
          waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "nowhere:1"' },
        },
      },
    ],
  },
} as const satisfies Record<PodReport, object>;

function container() {
  return { name: 'manager', image: 'nowhere:1', imageID: '', restartCount: 0 };
}

/**
 * Reports the status of each pod of a namespace in a kubelet's place, from now until `client` is closed.
 * `report` may say something else for each pod.
 */
export function reportPods(
  client: KubeClient,
  { namespace, report }: { readonly namespace: string; readonly report: () => PodReport },
): void {
  const path = `/api/v1/namespaces/${namespace}/pods`;

  async function run(): Promise<void> {
    for await (const { type, object } of await client.watch(path)) {
      if (type === 'ADDED') await patchStatus(object);
    }
  }

  async function patchStatus({ metadata }: KubeObject): Promise<void> {
    await client.send('PATCH', `${path}/${metadata.name}/status`, { status: REPORTS[report()] });
  }

  // The watch ends with the client, or with the API server.
  run().catch(() => undefined);
}
