import { LEDGER } from '../../cluster/object-names.ts';
import { type KubeObject, keyOf, RESOURCES, type ResourceKind } from './kube-object.ts';
import { INSTANCE, INSTANCE_LABEL } from './objects.ts';
import { type Owner, ownerOf } from './owner.ts';

export interface PruneOptions {
  readonly namespace: string;
  /** The objects of the new version. */
  readonly wanted: readonly KubeObject[];
  /** Whether objects that kubectl applied are taken over, and so are deleted too. */
  readonly isTakeover: boolean;
}

/**
 * Returns the objects that an older version applied and the new one does not have.
 *
 * An object is deleted only if all of this is certain: `kusk` is among the managers that the API server
 * has recorded, no other tool has marked it since, it has the label of this installation, and it
 * belongs to this namespace. CRDs, namespaces and the ledger are never among them. The Lease holds
 * nothing, so that one of `kubectl apply` goes too.
 */
export function prunable(
  live: readonly KubeObject[],
  { namespace, wanted, isTakeover }: PruneOptions,
): readonly KubeObject[] {
  const keys = new Set(wanted.map(keyOf));
  return live.filter(
    (object) =>
      !keys.has(keyOf(object)) &&
      isRemovable(object, namespace) &&
      owners(object, isTakeover).includes(ownerOf(object).by),
  );
}

function owners({ kind }: KubeObject, isTakeover: boolean): readonly Owner['by'][] {
  return isTakeover || kind === 'Lease' ? ['kusk', 'kubectl'] : ['kusk'];
}

/** Returns whether an object is part of this installation, and is not kept when it is uninstalled. */
export function isRemovable({ kind, metadata }: KubeObject, namespace: string): boolean {
  const { labels = {}, name, ownerReferences = [] } = metadata;
  if (labels[INSTANCE_LABEL] !== INSTANCE) return false;
  if (!RESOURCES[kind as ResourceKind]?.prunable) return false;
  if (Array.isArray(ownerReferences) && ownerReferences.length > 0) return false;
  if (kind === 'ConfigMap' && name === LEDGER) return false;
  // What belongs to no namespace has this one in its name.
  if (metadata.namespace === undefined) return name.startsWith(`${namespace}:`);
  return metadata.namespace === namespace;
}
