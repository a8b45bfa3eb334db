import { join } from 'node:path';
import { ensure } from '../control-plane/ensure.ts';
import { startControlPlane } from '../control-plane/start.ts';
import { ROOT } from '../support/root.ts';
import { say } from './say.ts';

/** A cluster to play on. Disposing of it takes away what the demo has put there. */
export interface Stage extends AsyncDisposable {
  /** The player's. */
  readonly kubeconfig: string;
  /** The operator's, with its rights and no more where the cluster is ours. */
  readonly operatorKubeconfig: string;
  /** Where the resources, the ledger and the Lease go. */
  readonly namespace: string;
  /** Nobody else creates anything there, so that every number can be foretold. */
  readonly isOurs: boolean;
  readonly kubectlPath: string;
  /** `input` is for `-f -`, and only where the cluster is ours. */
  readonly kubectl: (args: readonly string[], call?: { readonly input: string }) => Promise<string>;
}

export const CRDS = join(ROOT, 'deploy/crds');
const NAMESPACE = 'kusk-system';

/** A control plane of our own: a real API server, with etcd and the controller manager. */
export async function embedded({ signal }: { readonly signal: AbortSignal }): Promise<Stage> {
  const log = (line: string) => say('cluster', line);
  say('cluster', 'starting etcd, kube-apiserver and kube-controller-manager');
  const controlPlane = await startControlPlane({ signal, log });
  const { kubectl: kubectlPath } = await ensure(['kubectl'], { env: process.env, log });
  const { kubectl, adminKubeconfig, operatorKubeconfig, server } = controlPlane;
  say('cluster', `${server} is ready`);
  await installCrds(kubectl);
  return {
    kubeconfig: adminKubeconfig,
    operatorKubeconfig,
    namespace: NAMESPACE,
    isOurs: true,
    kubectlPath,
    kubectl,
    [Symbol.asyncDispose]: () => controlPlane.close(),
  };
}

/** Installs the CRDs and waits until the API server serves them. */
export async function installCrds(kubectl: Stage['kubectl']): Promise<void> {
  say('kubectl', await kubectl(['apply', '--server-side', '-f', CRDS]));
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', '-f', CRDS]);
}
