import { hasStatus } from '../../cluster/errors.ts';
import { LEDGER } from '../../cluster/object-names.ts';
import type { KubeApi } from './kube-api.ts';
import {
  type KubeObject,
  keyOf,
  type ObjectRef,
  RESOURCES,
  type ResourceKind,
  refOf,
} from './kube-object.ts';
import { INSTANCE, INSTANCE_LABEL, installationObjects } from './objects.ts';

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

/** Of these, all objects of the namespace are read: a gateway may be among them. */
const WHOLE_KINDS: readonly ResourceKind[] = ['Deployment', 'Service'];

/** Reads an installation. Rejects with the errors of `KubeApi`, but for a 403. */
export async function readSnapshot(api: KubeApi, namespace: string): Promise<Snapshot> {
  const { allowed, forbidden } = permissive();

  const kinds = (Object.keys(RESOURCES) as ResourceKind[]).filter(
    (kind) => RESOURCES[kind].prunable,
  );
  const lists = Promise.all(
    kinds.map(async (kind) => {
      const labelSelector = `${INSTANCE_LABEL}=${INSTANCE}`;
      const options = WHOLE_KINDS.includes(kind) ? { namespace } : { namespace, labelSelector };
      const list = api.list(kind, options);
      return [kind, (await allowed(`list ${RESOURCES[kind].plural}`, list)) ?? []] as const;
    }),
  );
  const read = (ref: Omit<ObjectRef, 'apiVersion'>) =>
    allowed(`get ${RESOURCES[ref.kind as ResourceKind].plural}`, api.read(ref));
  const crd = { kind: 'CustomResourceDefinition', name: FORMER_CRD, namespace: undefined };

  const names = namesOf(namespace);
  const isListed = ({ kind }: ObjectRef) => kinds.includes(kind as ResourceKind);
  const [found, formerCrd, ...others] = await Promise.all([
    lists,
    read(crd),
    ...names.filter((ref) => !isListed(ref)).map(read),
  ]);
  const listed = new Map(found.flatMap(([, all]) => all).map((object) => [keyOf(object), object]));
  // Somebody's own object may have no label of ours.
  const rest = await Promise.all(
    names
      .filter((ref) => isListed(ref))
      .map(
        (ref) =>
          listed.get(keyOf(ref)) ??
          (WHOLE_KINDS.includes(ref.kind as ResourceKind) ? undefined : read(ref)),
      ),
  );
  const named = [...others, ...rest].filter((object) => object !== undefined);
  const byKind = new Map(found);
  return {
    namespace,
    named: new Map(named.map((object) => [keyOf(object), object])),
    labelled: [...listed.values()].filter(
      ({ metadata }) => metadata.labels?.[INSTANCE_LABEL] === INSTANCE,
    ),
    deployments: byKind.get('Deployment') ?? [],
    services: byKind.get('Service') ?? [],
    formerCrd,
    forbidden: [...forbidden],
  };
}

/** Returns a function that lets a request fail with a 403, and what it has let fail. */
function permissive() {
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

  return { allowed, forbidden };
}

/** Every name that an installation can have, with telemetry on or off. */
function namesOf(namespace: string): readonly ObjectRef[] {
  const every = [true, false].flatMap((analytics) =>
    installationObjects({ namespace, analytics, writeKey: '' }),
  );
  return [...new Map(every.map((object) => [keyOf(object), refOf(object)])).values()];
}

/** Returns the ledger, if there is one. */
export function ledgerIn({ named, namespace }: Snapshot): KubeObject | undefined {
  return named.get(`ConfigMap ${namespace}/${LEDGER}`);
}
