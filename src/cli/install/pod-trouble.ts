import { type ClusterFlags, kubectl } from './cluster-flags.ts';
import type { KubeObject } from './kube-object.ts';
import type { Condition } from './rollout.ts';

interface ContainerStatus {
  readonly name: string;
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
  readonly initContainerStatuses?: readonly ContainerStatus[];
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

/** The operator's own container. A service mesh adds others beside it, and before it. */
const CONTAINER = 'manager';
const IMAGE_REASONS = ['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'ErrImageNeverPull'];
/** They pass by themselves. */
const STARTING = ['', 'ContainerCreating', 'PodInitializing'];

interface TroubleOptions {
  readonly status: PodStatus;
  readonly flags: ClusterFlags;
}

/** A container that cannot start explains more than one that runs and is not ready. */
function containerTrouble(
  pod: KubeObject,
  { status, flags }: TroubleOptions,
): PodTrouble | undefined {
  const late = lateContainers(status);
  const stopped = late.find(({ state }) => !STARTING.includes(state?.waiting?.reason ?? ''));
  if (stopped) return waitingTrouble(pod, { container: stopped, flags });
  const running = late.find(({ state }) => state?.waiting === undefined);
  if (status.phase !== 'Running' || running === undefined) return undefined;
  return {
    text: 'the pod runs and is not ready',
    advice: `See why: ${logsOf(pod, { container: running, flags })}`,
  };
}

/** Returns the containers that are not ready, the operator's first. The kubelet sorts them by name. */
function lateContainers(status: PodStatus): readonly ContainerStatus[] {
  const { containerStatuses = [], initContainerStatuses = [] } = status;
  const late = [...containerStatuses, ...initContainerStatuses].filter(({ ready }) => !ready);
  const { own = [], others = [] } = Object.groupBy(late, ({ name }) =>
    name === CONTAINER ? 'own' : 'others',
  );
  return [...own, ...others];
}

interface ContainerOptions {
  readonly container: ContainerStatus;
  readonly flags: ClusterFlags;
}

/** The kubelet cannot start the container. */
function waitingTrouble(pod: KubeObject, { container, flags }: ContainerOptions): PodTrouble {
  const { reason = '', message = '' } = container.state?.waiting ?? {};
  const isOwn = container.name === CONTAINER;
  const title = isOwn ? reason : `${container.name}: ${reason}`;
  if (IMAGE_REASONS.includes(reason)) {
    const text = `${title}: ${message || (container.image ?? '')}`;
    return { text, advice: isOwn ? IMAGE_ADVICE : describeAdvice(pod, flags) };
  }
  if (reason === 'CrashLoopBackOff') {
    return {
      text: `${title}: ${endOf(container)}`,
      advice: `See why: ${logsOf(pod, { container, flags })} --previous`,
    };
  }
  return { text: `${title}: ${message}`, advice: describeAdvice(pod, flags) };
}

/** Returns how the container ended last. */
function endOf({ lastState }: ContainerStatus): string {
  const { exitCode, reason = 'ended' } = lastState?.terminated ?? {};
  return exitCode === undefined ? reason : `${reason} (exit code ${exitCode})`;
}

const IMAGE_ADVICE =
  'Push the image to a registry that the nodes can pull from, and name it with --image, or by Helm with manager.image.repository.';

function describeAdvice({ metadata }: KubeObject, flags: ClusterFlags): string {
  return `See why: ${kubectl(flags, metadata.namespace)} describe pod ${metadata.name}`;
}

function logsOf({ metadata }: KubeObject, { container, flags }: ContainerOptions): string {
  return `${kubectl(flags, metadata.namespace)} logs ${metadata.name} -c ${container.name}`;
}
