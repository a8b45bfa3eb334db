import { hasStatus } from '../../cluster/errors.ts';
import { MANAGER, OPT_OUT } from '../../cluster/object-names.ts';
import type { ReadInstallation } from '../../dashboard/model/installation.ts';
import type { OperatorView } from '../../dashboard/model/telemetry-view.ts';
import { allSettled } from '../../runtime/all-settled.ts';
import type { Time } from '../../runtime/time.ts';
import { trimmed } from '../../runtime/trim.ts';
import { changeCommands } from './change-commands.ts';
import { clusterDelivery } from './cluster-delivery.ts';
import type { ClusterFlags } from './cluster-flags.ts';
import { clusterSwitches, offByOf, switchesMapOf } from './cluster-switches.ts';
import { DECIDING_VARIABLES } from './cluster-telemetry.ts';
import { type ContainerVariables, readVariables } from './container-variables.ts';
import { type Elsewhere, elsewhereReader, elsewhereView, type findElsewhere } from './elsewhere.ts';
import { withoutSecrets } from './endpoint-text.ts';
import { type KubeApi, kubeApi } from './kube-api.ts';
import type { KubeObject } from './kube-object.ts';
import { isOperator, operatorContainer } from './neighbours.ts';
import type { Deployment } from './object-settings.ts';
import { VERSION_LABEL } from './objects.ts';
import { ownerOf, ownerText } from './owner.ts';

/** Whether the replicas elect a leader. */
const ELECTION_VARIABLE = 'ENABLE_LEADER_ELECTION';

export interface InstallationReaderOptions {
  readonly flags: ClusterFlags;
  readonly time: Pick<Time, 'steady'>;
}

/**
 * Returns a function that reads what is installed in a namespace. What may not be read is part of the
 * result. It rejects with any other error of a request, when all requests have ended.
 */
export function installationReader(
  namespace: string,
  { flags, time }: InstallationReaderOptions,
): ReadInstallation {
  const readElsewhere = elsewhereReader(time);
  return async function readInstallation(request, signal) {
    const api = kubeApi(request, signal);
    const unreadable: string[] = [];
    const configMap = readableMaps(api, { namespace, unreadable });
    const [{ operator, elsewhere }, optOut] = await allSettled([
      findOperator(api, { namespace, unreadable, readElsewhere }),
      configMap(OPT_OUT),
    ]);
    const mapName = operator ? switchesMapOf(operator) : MANAGER;
    const container = operatorContainer(operator);
    const [own, variables] = await allSettled([
      configMap(mapName),
      readVariables(container, {
        api,
        namespace,
        names: DECIDING_VARIABLES,
        otherNames: [ELECTION_VARIABLE],
      }),
    ]);
    const switches = clusterSwitches({ variables, optOut, switches: own, mapName });
    const found = operator && { name: operator.metadata.name, owner: ownerOf(operator) };
    const { endpoint, hasWriteKey } = clusterDelivery(container, { variables, switches: own });
    return {
      operator:
        operator && found && operatorView(operator, { variables, owner: ownerText(found.owner) }),
      elsewhere: elsewhereView(elsewhere, flags),
      switches,
      unreadable: [...unreadable, ...variables.problems.map(asSentence)],
      endpoint: operator && withoutSecrets(endpoint),
      hasWriteKey,
      commands: changeCommands({ namespace, operator: found, offBy: offByOf(switches) }, flags),
    };
  };
}

interface FindOptions extends MapsOptions {
  readonly readElsewhere: typeof findElsewhere;
}

interface FoundOperator {
  readonly operator: Deployment | undefined;
  /** Where to find one if there is none here. */
  readonly elsewhere: Elsewhere;
}

async function findOperator(
  api: KubeApi,
  { namespace, unreadable, readElsewhere }: FindOptions,
): Promise<FoundOperator> {
  try {
    const deployments = await api.list('Deployment', { namespace });
    const operator = deployments.find(isOperator) as Deployment | undefined;
    return { operator, elsewhere: operator ? [] : await readElsewhere(api) };
  } catch (error) {
    if (!hasStatus(error, 403)) throw error;
    unreadable.push(`You may not list Deployments in namespace ${namespace}.`);
    return { operator: undefined, elsewhere: [] };
  }
}

interface MapsOptions {
  readonly namespace: string;
  readonly unreadable: string[];
}

/** Reads ConfigMaps. Notes those that may not be read. */
function readableMaps(api: KubeApi, { namespace, unreadable }: MapsOptions) {
  return async function configMap(name: string): Promise<KubeObject | undefined> {
    try {
      return await api.read({ kind: 'ConfigMap', name, namespace });
    } catch (error) {
      if (!hasStatus(error, 403)) throw error;
      unreadable.push(`You may not read ConfigMap ${name}, which may switch telemetry off.`);
      return undefined;
    }
  };
}

/** As the operator reads it. With a value that can't be understood, it does not start. */
function elects({ find }: ContainerVariables): boolean {
  const value = trimmed(find(ELECTION_VARIABLE)?.value ?? '').toLowerCase();
  return !['false', 'f', '0'].includes(value);
}

interface ViewOptions {
  readonly variables: ContainerVariables;
  readonly owner: string;
}

function operatorView(operator: Deployment, { variables, owner }: ViewOptions): OperatorView {
  const { metadata, spec, status } = operator;
  const { readyReplicas } = (status ?? {}) as { readonly readyReplicas?: number };
  return {
    name: metadata.name,
    version: metadata.labels?.[VERSION_LABEL],
    owner,
    replicas: { wanted: spec.replicas ?? 1, ready: readyReplicas ?? 0 },
    elects: elects(variables),
  };
}

function asSentence(problem: string): string {
  return `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;
}
