import { type ClusterFlags, kubectl } from './cluster-flags.ts';
import type { KubeObject } from './kube-object.ts';

/** How far a Deployment is. */
export type Rollout =
  | { readonly state: 'ready'; readonly text: string }
  | { readonly state: 'waiting'; readonly text: string }
  /** It cannot become ready by waiting. */
  | { readonly state: 'stuck'; readonly text: string; readonly advice: string };

interface Condition {
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

interface ContainerStatus {
  readonly image?: string;
  readonly ready?: boolean;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
  readonly lastState?: {
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number };
  };
}

interface PodStatus {
  readonly phase?: string;
  readonly conditions?: readonly Condition[];
  readonly containerStatuses?: readonly ContainerStatus[];
}

/** Why a pod is not ready, and what to do. */
export interface PodTrouble {
  readonly text: string;
  readonly advice: string;
}

/** Returns why a pod is not ready; `undefined` if it is, or if it only needs time. */
export function podTrouble(pod: KubeObject, flags: ClusterFlags): PodTrouble | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined;
  const status = (pod.status ?? {}) as PodStatus;
  return unschedulable(status) ?? containerTrouble(pod, { status, flags });
}

function unschedulable({ conditions = [] }: PodStatus): PodTrouble | undefined {
  const found = conditions.find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  if (found === undefined) return undefined;
  return {
    text: `Unschedulable: ${found.message ?? found.reason ?? ''}`,
    advice: 'Add a node, or free 10m CPU and 96Mi memory on one. Tolerations are set with Helm.',
  };
}

const IMAGE_REASONS = ['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'ErrImageNeverPull'];
/** They pass by themselves. */
const STARTING = ['', 'ContainerCreating', 'PodInitializing'];

interface TroubleOptions {
  readonly status: PodStatus;
  readonly flags: ClusterFlags;
}

function containerTrouble(
  pod: KubeObject,
  { status, flags }: TroubleOptions,
): PodTrouble | undefined {
  const [container] = status.containerStatuses ?? [];
  if (container === undefined || container.ready) return undefined;
  const { reason = '', message = '' } = container.state?.waiting ?? {};
  if (!STARTING.includes(reason)) return waitingTrouble(pod, { container, flags });
  if (status.phase !== 'Running' || message !== '') return undefined;
  return { text: 'the pod runs and is not ready', advice: `See why: ${logsOf(pod, flags)}` };
}

/** The kubelet cannot start the container. */
function waitingTrouble(
  pod: KubeObject,
  { container, flags }: { readonly container: ContainerStatus; readonly flags: ClusterFlags },
): PodTrouble {
  const { reason = '', message = '' } = container.state?.waiting ?? {};
  if (IMAGE_REASONS.includes(reason)) {
    return {
      text: `${reason}: ${message || (container.image ?? '')}`,
      advice:
        'Push the image to a registry that the nodes can pull from, and name it with --image, or by Helm with manager.image.repository.',
    };
  }
  if (reason === 'CrashLoopBackOff') {
    const { exitCode, reason: end = 'ended' } = container.lastState?.terminated ?? {};
    const code = exitCode === undefined ? '' : ` (exit code ${exitCode})`;
    return {
      text: `${reason}: ${end}${code}`,
      advice: `See why: ${logsOf(pod, flags)} --previous`,
    };
  }
  const { namespace, name } = pod.metadata;
  return {
    text: `${reason}: ${message}`,
    advice: `See why: ${kubectl(flags, namespace)} describe pod ${name}`,
  };
}

function logsOf({ metadata }: KubeObject, flags: ClusterFlags): string {
  return `${kubectl(flags, metadata.namespace)} logs ${metadata.name}`;
}
