/** An object of a cluster, as far as `kusk` looks at it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly [field: string]: unknown;
}

export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string | undefined>>;
  readonly annotations?: Readonly<Record<string, string | undefined>>;
  readonly managedFields?: readonly ManagedFields[];
  readonly [field: string]: unknown;
}

/** @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly apiVersion?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: FieldSet;
  readonly time?: string;
}

export interface FieldSet {
  readonly [field: string]: FieldSet | undefined;
}

/** Data of a ConfigMap, or of a Secret in base64. */
export type Data = Readonly<Record<string, string | undefined>>;

/** Returns the data of a ConfigMap or Secret, which is empty without one. */
export function dataOf(object: KubeObject | undefined): Data {
  return (object?.data ?? {}) as Data;
}

/** Returns the data of a ConfigMap as files of a pod have it: also what kubectl stored as binary, as it is no UTF-8. */
export function mountedData(map: KubeObject | undefined): Data {
  return { ...decoded((map?.binaryData ?? {}) as Data), ...dataOf(map) };
}

/** Returns the texts of data in base64. */
export function decoded(data: Data): Data {
  const entries = Object.entries(data).map(
    ([key, value = '']) => [key, Buffer.from(value, 'base64').toString('utf8')] as const,
  );
  return Object.fromEntries(entries);
}

/** What identifies an object in a cluster. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

interface Resource {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Whether an upgrade may delete one that is no longer needed. */
  readonly prunable: boolean;
}

/**
 * Every kind that a version of the chart has rendered with the flags of `kusk`, by its name. A kind is
 * never removed from here: an upgrade finds what an older version had by this table.
 */
export const RESOURCES = {
  Namespace: { apiVersion: 'v1', plural: 'namespaces', namespaced: false, prunable: false },
  CustomResourceDefinition: {
    apiVersion: 'apiextensions.k8s.io/v1',
    plural: 'customresourcedefinitions',
    namespaced: false,
    prunable: false,
  },
  ServiceAccount: { apiVersion: 'v1', plural: 'serviceaccounts', namespaced: true, prunable: true },
  ConfigMap: { apiVersion: 'v1', plural: 'configmaps', namespaced: true, prunable: true },
  Secret: { apiVersion: 'v1', plural: 'secrets', namespaced: true, prunable: true },
  Service: { apiVersion: 'v1', plural: 'services', namespaced: true, prunable: true },
  ClusterRole: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    plural: 'clusterroles',
    namespaced: false,
    prunable: true,
  },
  ClusterRoleBinding: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    plural: 'clusterrolebindings',
    namespaced: false,
    prunable: true,
  },
  Role: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    plural: 'roles',
    namespaced: true,
    prunable: true,
  },
  RoleBinding: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    plural: 'rolebindings',
    namespaced: true,
    prunable: true,
  },
  Lease: {
    apiVersion: 'coordination.k8s.io/v1',
    plural: 'leases',
    namespaced: true,
    prunable: true,
  },
  PodDisruptionBudget: {
    apiVersion: 'policy/v1',
    plural: 'poddisruptionbudgets',
    namespaced: true,
    prunable: true,
  },
  NetworkPolicy: {
    apiVersion: 'networking.k8s.io/v1',
    plural: 'networkpolicies',
    namespaced: true,
    prunable: true,
  },
  Deployment: { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true, prunable: true },
} as const satisfies Readonly<Record<string, Resource>>;

export type ResourceKind = keyof typeof RESOURCES;

/** Returns the group and the plural of a kind, as RBAC has them. */
export function resourceOf(kind: string): { readonly group: string; readonly plural: string } {
  const { apiVersion, plural } = resource(kind);
  return { group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '', plural };
}

/** Returns the path of a kind's objects, of one namespace if the kind has namespaces. */
export function collectionPath(kind: string, namespace: string | undefined): string {
  const { apiVersion, plural, namespaced } = resource(kind);
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  if (!namespaced) return `${root}/${plural}`;
  return `${root}/namespaces/${encodeURIComponent(namespace ?? '')}/${plural}`;
}

/** Returns the path of one object. */
export function objectPath({ kind, name, namespace }: Omit<ObjectRef, 'apiVersion'>): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}

export function refOf({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace };
}

/** Returns what distinguishes an object from all others of a cluster, and reads well: `Role kusk-system/x`. */
export function keyOf(object: KubeObject | ObjectRef): string {
  const { kind, name, namespace } = 'metadata' in object ? refOf(object) : object;
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function resource(kind: string): Resource {
  const found = (RESOURCES as Readonly<Record<string, Resource>>)[kind];
  if (found === undefined) throw new Error(`kusk has no objects of kind ${kind}`);
  return found;
}
