import { hasStatus, MissingObjectError, reasonOf } from '../../cluster/errors.ts';
import { LEDGER, OPT_OUT } from '../../cluster/object-names.ts';

const HELM_OFF = 'helm upgrade --reset-then-reuse-values --set analytics.enabled=false';
const GRANT = 'grant it with the chart, or with deploy/rbac.yaml';
const CREATE = 'create it again: helm upgrade, or kubectl apply -k deploy';

const REPLACE = `the ConfigMap ${LEDGER} is immutable or has no room left: delete it, and create it again with helm upgrade or kubectl apply -k deploy. Its content is kept in memory.`;

export interface AdviceOptions {
  readonly namespace: string;
  /** Whether the operator reads the opt-out's ConfigMap. */
  readonly followsOptOut: boolean;
}

/** Returns how to switch telemetry off. The first way works with every installer and survives upgrades. */
export function howToSwitchOff({ namespace, followsOptOut }: AdviceOptions): string {
  if (!followsOptOut) return `${HELM_OFF}, or ANALYTICS_ENABLED=false`;
  return `kubectl create configmap ${OPT_OUT} --namespace ${namespace} --from-literal=enabled=false, or ${HELM_OFF}`;
}

/** Returns why the ledger could not be written. 413 and 422 are about the ConfigMap itself. */
export function whyNotWritten(error: unknown) {
  const why = whyOf(error);
  return hasStatus(error, 413, 422) ? { ...why, todo: REPLACE } : why;
}

/** Returns why something failed, and what to do about it, if known. */
export function whyOf(error: unknown) {
  const todo = error instanceof MissingObjectError ? CREATE : undefined;
  return { reason: reasonOf(error), todo: hasStatus(error, 403) ? GRANT : todo };
}
