import type { KubeObject } from './kube-object.ts';

/** How far a Deployment is. */
export type Rollout =
  | { readonly state: 'ready'; readonly text: string }
  | { readonly state: 'waiting'; readonly text: string }
  /** It cannot become ready by waiting. */
  | { readonly state: 'stuck'; readonly text: string; readonly advice: string };

/** As Deployments and pods have them. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface DeploymentStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly conditions?: readonly Condition[];
}

/** Returns how far the rollout is, as `kubectl rollout status` decides it. */
export function rolloutOf(deployment: KubeObject): Rollout {
  const status = (deployment.status ?? {}) as DeploymentStatus;
  const { replicas: wanted = 1 } = deployment.spec as { readonly replicas?: number };
  const { generation } = deployment.metadata as { readonly generation?: number };
  const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status;
  if ((status.observedGeneration ?? 0) < (generation ?? 0)) return waiting('not observed yet');
  const failure = refusalOf(status);
  if (failure) return failure;
  if (updatedReplicas < wanted) return waiting(`${updatedReplicas} of ${wanted} pods created`);
  if (replicas > updatedReplicas) return waiting(`${replicas - updatedReplicas} old pods ending`);
  if (availableReplicas < wanted) return waiting(`${availableReplicas} of ${wanted} pods ready`);
  return { state: 'ready', text: `${availableReplicas} of ${wanted} pods ready` };
}

function waiting(text: string): Rollout {
  return { state: 'waiting', text };
}

/** The API server refuses to create the pods. Only a change of the cluster helps. */
function refusalOf({ conditions = [] }: DeploymentStatus): Rollout | undefined {
  const failure = conditions.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  if (failure === undefined) return undefined;
  const text = `pods are refused: ${failure.message ?? failure.reason}`;
  return { state: 'stuck', text, advice: refusalAdvice(failure.message ?? '') };
}

function refusalAdvice(message: string): string {
  if (/violates PodSecurity/.test(message)) {
    return 'Change the label pod-security.kubernetes.io/enforce of the namespace: the operator meets "restricted".';
  }
  if (/exceeded quota/.test(message)) {
    return 'Raise the ResourceQuota of the namespace: kubectl get resourcequota. A pod needs 10m CPU and 96Mi memory, limit 256Mi.';
  }
  if (/serviceaccount .* not found/.test(message)) {
    return 'Run the same command again: it creates the ServiceAccount.';
  }
  return 'Ask the administrator of the cluster about this admission rule.';
}
