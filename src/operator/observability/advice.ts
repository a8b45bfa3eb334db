import { type Denial, denialOf } from '../../cluster/denial.ts';
import { hasStatus, MissingObjectError, reasonOf } from '../../cluster/errors.ts';
import { LEDGER, OPT_OUT } from '../../cluster/object-names.ts';
import { mountedFrom, optOutSwitch } from '../config/opt-out.ts';
import { NewerLedger } from '../stored-ledger.ts';

const HELM_OFF = 'helm upgrade --reset-then-reuse-values --set analytics.enabled=false';
/** Without quotes, so that it can be copied from a line in JSON. */
const OVERWRITE = ' --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -';
const GRANT = 'grant it with the chart, or with deploy/rbac.yaml';
const CREATE = 'create it again: helm upgrade, or kubectl apply -k deploy';

const REPLACE = `the ConfigMap ${LEDGER} is immutable or has no room left: delete it, and create it again with helm upgrade or kubectl apply -k deploy. Its content is kept in memory.`;

const NEW_TOKEN =
  'the API server does not accept the credentials. If the ServiceAccount was created again, delete the pod: the next one gets a new token.';
const OWN = 'the ConfigMap kusk-gateway-ledger and the Lease kusk-gateway-manager';
const ON_DENIAL: Readonly<Record<Denial, string>> = {
  policy: `an admission policy or webhook of the cluster denies it: exempt ${OWN}, or add to them what it requires. Their labels and annotations are kept.`,
  webhook: `an admission webhook of the cluster fails: repair it, or exempt ${OWN}`,
  conversion: "the CRD's conversion webhook fails: repair it",
  quota: `a quota of the namespace leaves no room: allow ${OWN}`,
  namespace: 'the namespace is being deleted',
};

export interface AdviceOptions {
  readonly namespace: string;
  /** The opt-out files that the operator reads. */
  readonly optOutPaths: readonly string[];
}

/**
 * Returns how to switch telemetry off. The first way works with every installer and survives upgrades.
 * If the ConfigMap has decided that telemetry is on, it exists, and is overwritten.
 */
export function howToSwitchOff(
  { namespace, optOutPaths }: AdviceOptions,
  decidedBy: string,
): string {
  const mounted = optOutPaths.find((path) => mountedFrom(path) === OPT_OUT);
  if (mounted !== undefined) {
    const exists = decidedBy.startsWith(optOutSwitch(mounted, 'none').name);
    const create = `kubectl create configmap ${OPT_OUT} --namespace ${namespace} --from-literal=enabled=false`;
    return `${create}${exists ? OVERWRITE : ''}, or ${HELM_OFF}`;
  }
  const file = optOutPaths.find((path) => mountedFrom(path) === undefined);
  if (file !== undefined) return `write false into the file ${file}, or ANALYTICS_ENABLED=false`;
  return `${HELM_OFF}, or ANALYTICS_ENABLED=false`;
}

/** Returns why the ledger could not be written. 413 and 422 are about the ConfigMap itself. */
export function whyNotWritten(error: unknown) {
  const { reason, todo } = whyOf(error);
  return { reason, todo: todo ?? (hasStatus(error, 413, 422) ? REPLACE : undefined) };
}

/** Returns why something failed, and what to do about it, if known. */
export function whyOf(error: unknown) {
  const reason = error instanceof NewerLedger ? error.message : reasonOf(error);
  return { reason, todo: whatToDo(error) };
}

function whatToDo(error: unknown): string | undefined {
  const denial = denialOf(error);
  if (denial !== undefined) return ON_DENIAL[denial];
  if (hasStatus(error, 401)) return NEW_TOKEN;
  if (hasStatus(error, 403)) return GRANT;
  return error instanceof MissingObjectError ? CREATE : undefined;
}
