import { hasStatus } from '../../cluster/errors.ts';
import { LEDGER, MANAGER, OPT_OUT } from '../../cluster/object-names.ts';
import { type Consent, decideConsent, isOn } from '../../consent/consent.ts';
import { usableLedger } from '../../dashboard/model/facts.ts';
import { clusterId } from '../../record/events.ts';
import type { Ledger } from '../../record/ledger.ts';
import { parseLedger } from '../../record/ledger-json.ts';
import { CommandError } from '../command-error.ts';
import { type ClusterDelivery, clusterDelivery } from './cluster-delivery.ts';
import { clusterSwitches, offByOf, type SwitchPlace, switchesMapOf } from './cluster-switches.ts';
import { readVariables } from './container-variables.ts';
import { type DeployedVersion, deployedVersion } from './deployed-version.ts';
import { type Elsewhere, findElsewhere } from './elsewhere.ts';
import type { KubeApi } from './kube-api.ts';
import { dataOf, type KubeObject, mountedData, type ObjectRef, refOf } from './kube-object.ts';
import { isOperator, operatorContainer } from './neighbours.ts';
import type { Deployment } from './object-settings.ts';
import { type Owner, ownerOf } from './owner.ts';

/** Whether a cluster's telemetry is on, and what it has sent. */
export interface ClusterTelemetry extends ClusterDelivery {
  readonly namespace: string;
  /** The operator, if there is one. */
  readonly operator:
    | (DeployedVersion & { readonly name: string; readonly owner: Owner })
    | undefined;
  /** Where an operator runs if none is in this namespace. Empty if one is. */
  readonly elsewhere: Elsewhere;
  /** As the operator decides it from all switches of the cluster that can be read. */
  readonly consent: Consent;
  /** Where the switch is that says off. `undefined` if telemetry is on. */
  readonly offBy: SwitchPlace | undefined;
  readonly ledger:
    | { readonly state: 'read'; readonly ledger: Ledger }
    /** `foreign`: it is another cluster's, as after a restore. The operator does not use it. */
    | { readonly state: 'none' | 'empty' | 'newer' | 'foreign' }
    | { readonly state: 'damaged'; readonly problem: string };
}

/** The variables that decide whether and where the operator sends. */
export const DECIDING_VARIABLES = [
  'ANALYTICS_ENABLED',
  'DO_NOT_TRACK',
  'ANALYTICS_ENDPOINT',
] as const;

/** Reads the telemetry of the operator in a namespace. Rejects with the errors of `KubeApi`. */
export async function readClusterTelemetry(
  api: KubeApi,
  namespace: string,
): Promise<ClusterTelemetry> {
  const configMap = (name: string) => api.read({ kind: 'ConfigMap', name, namespace });
  const [deployments, optOut, ledgerMap] = await Promise.all([
    api.list('Deployment', { namespace }),
    configMap(OPT_OUT),
    configMap(LEDGER),
  ]);
  const operator = deployments.find(isOperator) as Deployment | undefined;
  const mapName = operator ? switchesMapOf(operator) : MANAGER;
  const [switches, ledger, elsewhere] = await Promise.all([
    configMap(mapName),
    readLedger(api, ledgerMap),
    operator ? [] : findElsewhere(api),
  ]);
  const container = operatorContainer(operator);
  const variables = await readVariables(container, { api, namespace, names: DECIDING_VARIABLES });
  const found = clusterSwitches({ variables, optOut, switches, mapName });
  const consent = decideConsent(found);
  return {
    namespace,
    operator: operator && {
      name: operator.metadata.name,
      ...deployedVersion(operator),
      owner: ownerOf(operator),
    },
    elsewhere,
    consent: { ...consent, problems: [...consent.problems, ...variables.problems] },
    offBy: offByOf(found),
    ...clusterDelivery(container, { variables, switches }),
    ledger,
  };
}

/**
 * Writes the opt-out that no tool renders. The operator follows as soon as the kubelet has brought the
 * change, within a minute or two.
 */
export async function writeClusterOptOut(
  api: KubeApi,
  { namespace, enabled }: { readonly namespace: string; readonly enabled: boolean },
): Promise<void> {
  const metadata = { name: OPT_OUT, namespace };
  const data = { enabled: String(enabled) };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
  try {
    // The person who runs the command decides, whatever wrote it before.
    await api.apply(object, { force: true });
  } catch (error) {
    if (!hasStatus(error, 422)) throw error;
    await overwriteOptOut(api, refOf(object), { enabled });
  }
}

/** Writes over a value that kubectl stored as binary. An immutable ConfigMap may say the same already. */
async function overwriteOptOut(
  api: KubeApi,
  ref: ObjectRef,
  { enabled }: { readonly enabled: boolean },
): Promise<void> {
  const live = await api.read(ref);
  if (live?.immutable !== true) {
    // A key must not be in both.
    await api.merge(ref, { data: { enabled: String(enabled) }, binaryData: { enabled: null } });
    return;
  }
  const { enabled: said } = mountedData(live);
  if (said !== undefined && isOn(said) === enabled) return;
  throw new CommandError(
    `ConfigMap ${ref.name} in namespace ${ref.namespace} is immutable: it can't be changed`,
    { advice: 'Delete it, and run this command again.' },
  );
}

/** Reads the ledger from its ConfigMap. It may be another cluster's, as after a restored backup. */
export async function readLedger(
  api: KubeApi,
  map: KubeObject | undefined,
): Promise<ClusterTelemetry['ledger']> {
  const found = ledgerStateOf(map);
  if (found.state !== 'read' || found.ledger.cluster === undefined) return found;
  const computedId = await readClusterId(api);
  return usableLedger({ ledger: found, computedId }) ? found : { state: 'foreign' };
}

/** Returns the id of the cluster, or `undefined` if the account may not read what it is computed from. */
async function readClusterId(api: KubeApi): Promise<string | undefined> {
  try {
    const namespace = { kind: 'Namespace', name: 'kube-system', namespace: undefined };
    const uid = (await api.read(namespace))?.metadata.uid;
    return uid && clusterId(uid);
  } catch (error) {
    if (hasStatus(error, 403)) return undefined;
    throw error;
  }
}

function ledgerStateOf(map: KubeObject | undefined): ClusterTelemetry['ledger'] {
  if (map === undefined) return { state: 'none' };
  const text = dataOf(map)['ledger.json'];
  if (text === undefined || text === '') return { state: 'empty' };
  const reading = parseLedger(text);
  if (reading.found === 'ledger') return { state: 'read', ledger: reading.ledger };
  if (reading.found === 'newer') return { state: 'newer' };
  return { state: 'damaged', problem: reading.problem };
}
