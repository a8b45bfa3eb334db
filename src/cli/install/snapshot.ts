import { hasStatus } from '../../cluster/errors.ts';
import type { KubeApi } from './kube-api.ts';
import { type KubeObject, keyOf, RESOURCES, type ResourceKind, refOf } from './kube-object.ts';
import { INSTANCE, INSTANCE_LABEL, installationObjects, LEDGER } from './objects.ts';

/** What a cluster holds of an installation, read once. */
export interface Snapshot {
  readonly namespace: string;
  /** By `keyOf`: the objects that exist under the names of an installation. */
  readonly named: ReadonlyMap<string, KubeObject>;
  /** All objects with the label of an installation, of any version, that can be deleted. */
  readonly labelled: readonly KubeObject[];
  /** All Deployments and Services of the namespace, whosever they are. */
  readonly deployments: readonly KubeObject[];
  readonly services: readonly KubeObject[];
  /** The CRD of Kusk Gateway 1.x that serves the kind EnvoyFleet under another plural. */
  readonly formerCrd: KubeObject | undefined;
  /** What could not be read because the account may not: `list secrets`. */
  readonly forbidden: readonly string[];
}

export const FORMER_CRD = 'envoyfleet.gateway.kusk.io';

/** Reads an installation. Rejects with the errors of `KubeApi`, but for a 403. */
export async function readSnapshot(api: KubeApi, namespace: string): Promise<Snapshot> {
  const forbidden = new Set<string>();

  async function allowed<Value>(what: string, read: Promise<Value>): Promise<Value | undefined> {
    try {
      return await read;
    } catch (error) {
      if (!hasStatus(error, 403)) throw error;
      forbidden.add(what);
      return undefined;
    }
  }

  const list = (kind: ResourceKind, labelSelector?: string) =>
    allowed(
      `list ${RESOURCES[kind].plural}`,
      api.list(kind, { namespace, ...(labelSelector && { labelSelector }) }),
    );
  const prunable = (Object.keys(RESOURCES) as ResourceKind[]).filter(
    (kind) => RESOURCES[kind].prunable,
  );
  const crd = { kind: 'CustomResourceDefinition', name: FORMER_CRD, namespace: undefined };

  const [named, labelled, deployments = [], services = [], formerCrd] = await Promise.all([
    Promise.all(
      namesOf(namespace).map((ref) => allowed(`get ${resourceText(ref.kind)}`, api.read(ref))),
    ),
    Promise.all(prunable.map((kind) => list(kind, `${INSTANCE_LABEL}=${INSTANCE}`))),
    list('Deployment'),
    list('Service'),
    allowed('get customresourcedefinitions', api.read(crd)),
  ]);
  const found = named.filter((object) => object !== undefined);
  return {
    namespace,
    named: new Map(found.map((object) => [keyOf(object), object])),
    labelled: labelled.flatMap((objects) => objects ?? []),
    deployments,
    services,
    formerCrd,
    forbidden: [...forbidden],
  };
}

/** Every name that an installation can have, with telemetry on or off. */
function namesOf(namespace: string) {
  const every = [true, false].flatMap((analytics) =>
    installationObjects({ namespace, analytics, writeKey: '' }),
  );
  return [...new Map(every.map((object) => [keyOf(object), refOf(object)])).values()];
}

function resourceText(kind: string): string {
  return RESOURCES[kind as ResourceKind].plural;
}

/** Returns the ledger, if there is one. */
export function ledgerIn({ named, namespace }: Snapshot): KubeObject | undefined {
  return named.get(`ConfigMap ${namespace}/${LEDGER}`);
}
