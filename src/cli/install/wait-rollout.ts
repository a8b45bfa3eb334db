import { MANAGER } from '../../cluster/object-names.ts';
import type { Time } from '../../runtime/time.ts';
import { type ClusterFlags, kubectl } from './cluster-flags.ts';
import type { KubeApi } from './kube-api.ts';
import type { KubeObject } from './kube-object.ts';
import type { Deployment } from './object-settings.ts';
import { type PodTrouble, podTrouble } from './pod-trouble.ts';
import { type Rollout, rolloutOf } from './rollout.ts';

export interface WaitOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly flags: ClusterFlags;
  readonly timeoutMs: number;
  readonly time: Time;
  readonly signal: AbortSignal;
  /** Called with each new state, a few words. */
  readonly onProgress: (text: string) => void;
}

export type Outcome =
  | { readonly ready: true; readonly text: string }
  | { readonly ready: false; readonly text: string; readonly advice: string };

const POLL_MS = 500;
/** A refusal may be of the moment: a ServiceAccount or a quota that is just being created. */
const STUCK_MS = 10_000;

/**
 * Waits until the operator's Deployment is ready. Resolves with the reason if it is not ready in time,
 * or if waiting cannot help. Rejects when aborted.
 */
export async function waitForRollout(options: WaitOptions): Promise<Outcome> {
  const judge = judgement(options);
  for (;;) {
    const outcome = judge(await look(options));
    if (outcome) return outcome;
    await options.time.wait(POLL_MS, options.signal);
  }
}

interface Sight {
  readonly rollout: Rollout;
  readonly trouble: PodTrouble | undefined;
}

/** Returns a function that decides after each look whether the wait is over. */
function judgement(options: WaitOptions): (sight: Sight) => Outcome | undefined {
  const { timeoutMs, time, onProgress } = options;
  const end = time.steady() + timeoutMs;
  let stuckSince = Number.POSITIVE_INFINITY;
  let last = '';

  return function judge(sight) {
    const text = textOf(sight);
    const { state } = sight.rollout;
    if (state === 'ready') return { ready: true, text };
    if (text !== last) onProgress(text);
    last = text;
    const now = time.steady();
    stuckSince = state === 'stuck' ? Math.min(stuckSince, now) : Number.POSITIVE_INFINITY;
    const isOver = now >= Math.min(end, stuckSince + STUCK_MS);
    return isOver ? { ready: false, text, advice: adviceOf(sight, options) } : undefined;
  };
}

function textOf({ rollout, trouble }: Sight): string {
  return rollout.state === 'waiting' && trouble ? trouble.text : rollout.text;
}

function adviceOf({ rollout, trouble }: Sight, { namespace, flags }: WaitOptions): string {
  if (rollout.state === 'stuck') return rollout.advice;
  return trouble?.advice ?? `See more: ${kubectl(flags, namespace)} describe deployment ${MANAGER}`;
}

async function look({ api, namespace, flags }: WaitOptions): Promise<Sight> {
  const operator = await api.read({ kind: 'Deployment', name: MANAGER, namespace });
  if (operator === undefined) {
    return { rollout: { state: 'waiting', text: 'the Deployment is gone' }, trouble: undefined };
  }
  return { rollout: rolloutOf(operator), trouble: await readTrouble(api, { operator, flags }) };
}

export interface TroubleOptions {
  /** The operator's Deployment, whatever its name is. */
  readonly operator: KubeObject;
  readonly flags: ClusterFlags;
}

/** Returns why the first of the operator's pods that is not ready is so, if there is one. */
export async function readTrouble(
  api: KubeApi,
  { operator, flags }: TroubleOptions,
): Promise<PodTrouble | undefined> {
  const pods = await readPods(api, operator);
  return pods.map((pod) => podTrouble(pod, flags)).find((trouble) => trouble !== undefined);
}

/** Pods only explain a delay. Without the right to list them, the Deployment has to do. */
async function readPods(
  api: KubeApi,
  { metadata: { namespace = '' }, spec }: KubeObject,
): Promise<readonly KubeObject[]> {
  const { matchLabels = {} } = (spec as Deployment['spec']).selector ?? {};
  const labels = Object.entries(matchLabels).map(([name, value]) => `${name}=${value}`);
  // No label at all would select the pods of everyone.
  if (labels.length === 0) return [];
  const selector = encodeURIComponent(labels.join());
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?labelSelector=${selector}`;
  try {
    const { items } = (await api.get(path)) as { readonly items?: readonly KubeObject[] | null };
    return items ?? [];
  } catch {
    return [];
  }
}
