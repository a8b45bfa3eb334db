import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../../lab/control-plane/start.ts';
import type { KubernetesObject } from './manifests.ts';

/** Returns the control plane of a suite, which does not run yet when the suite is described. */
export type Lab = () => ControlPlane;

const OURS = ['apis', 'staticroutes', 'envoyfleets'].map(
  (plural) => `crd/${plural}.gateway.kusk.io`,
);
const POLL_MS = 50;
const PATIENCE_MS = 30_000;

/** Applies our CRDs and resolves once all are established and can be explained. */
export async function installCrds(lab: Lab, crds: string): Promise<void> {
  const { kubectl } = lab();
  await kubectl(['apply', '-f', crds]);
  await kubectl(['wait', '--for=condition=Established', '--timeout=30s', ...OURS]);
  // The API server publishes the schemas a moment later.
  for (const kind of ['api', 'staticroute', 'envoyfleet']) {
    await eventually(() => kubectl(['explain', `${kind}.spec`]));
  }
}

/** Tries until it works, for half a minute; then rejects with what went wrong last. */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(POLL_MS);
    }
  }
}

/** Reads the objects that `kubectl get` prints for these arguments. */
export async function read(
  lab: Lab,
  args: readonly string[],
): Promise<readonly KubernetesObject[]> {
  const text = await lab().kubectl(['get', ...args, '-o', 'json']);
  const answer = JSON.parse(text) as KubernetesObject & { readonly items?: KubernetesObject[] };
  return answer.items ?? [answer];
}
