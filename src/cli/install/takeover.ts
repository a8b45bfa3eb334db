import type { FieldSet, KubeObject, ManagedFields } from './kube-object.ts';
import { FIELD_MANAGER } from './owner.ts';

/** With these, kubectl writes whole manifests. Its other managers are edits of single fields. */
const MANIFEST_MANAGERS = [
  'kubectl-client-side-apply',
  'kubectl-create',
  'kubectl-replace',
  // `kubectl apply --server-side`; as an `Update` it is an edit, such as `kubectl scale`.
  'kubectl',
];
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** One operation of a JSON patch. */
export type JsonPatch = readonly {
  readonly op: 'test' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}[];

/**
 * Returns the patch that hands an object of `kubectl apply` to `kusk`: the fields of the manifest
 * become fields that `kusk` applied. Otherwise a field that is no longer in the manifest would stay
 * forever, because its manager never applies again. Edits of single fields stay with their manager.
 *
 * `manifests` are the object's own `managedFields` to hand over. Returns `undefined` if there are none.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership-between-managers
 */
export function takeoverPatch(
  { metadata }: KubeObject,
  manifests: readonly ManagedFields[],
): JsonPatch | undefined {
  const entries = metadata.managedFields ?? [];
  const [first] = manifests;
  if (first === undefined) return undefined;
  const fields = [...manifests, ...entries.filter(isOurs)]
    .map(({ fieldsV1 = {} }) => fieldsV1)
    .reduce(union, {});
  const applied: ManagedFields = {
    ...first,
    manager: FIELD_MANAGER,
    operation: 'Apply',
    fieldsV1: withoutLastApplied(fields),
  };
  const rest = entries.filter((entry) => !manifests.includes(entry) && !isOurs(entry));
  const hasAnnotation =
    metadata.annotations?.[LAST_APPLIED] !== undefined && ownsLastApplied(fields);
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    { op: 'replace', path: '/metadata/managedFields', value: [applied, ...rest] },
    ...(hasAnnotation
      ? [
          {
            op: 'remove' as const,
            path: `/metadata/annotations/${LAST_APPLIED.replace('/', '~1')}`,
          },
        ]
      : []),
  ];
}

/** Returns whether kubectl has written these fields as a manifest. */
export function isManifest({ manager = '', operation, subresource }: ManagedFields): boolean {
  if (subresource !== undefined || !MANIFEST_MANAGERS.includes(manager)) return false;
  return manager !== 'kubectl' || operation === 'Apply';
}

/** Returns whether `kusk` has applied these fields. */
export function isOurs({ manager, operation, subresource }: ManagedFields): boolean {
  return manager === FIELD_MANAGER && operation === 'Apply' && subresource === undefined;
}

/** Returns the fields that are in either set. */
function union(one: FieldSet, other: FieldSet): FieldSet {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...names].map((name) => [name, union(one[name] ?? {}, other[name] ?? {})]),
  );
}

function ownsLastApplied(fields: FieldSet): boolean {
  return fields['f:metadata']?.['f:annotations']?.[`f:${LAST_APPLIED}`] !== undefined;
}

/** The annotation is removed, and nobody may own what does not exist. */
function withoutLastApplied(set: FieldSet): FieldSet {
  const metadata = set['f:metadata'];
  const annotations = metadata?.['f:annotations'];
  if (metadata === undefined || annotations === undefined) return set;
  const { [`f:${LAST_APPLIED}`]: _removed, ...rest } = annotations;
  return { ...set, 'f:metadata': { ...metadata, 'f:annotations': rest } };
}
