import type { KubeObject, ManagedFields } from '../../../src/cli/install/kube-object.ts';
import { keyOf } from '../../../src/cli/install/kube-object.ts';
import type { Deployment, InstallSettings } from '../../../src/cli/install/object-settings.ts';
import { INSTANCE, INSTANCE_LABEL, installationObjects } from '../../../src/cli/install/objects.ts';
import type { Snapshot } from '../../../src/cli/install/snapshot.ts';

export const NAMESPACE = 'kusk-system';

/** The manager of `kusk`, as the API server records it. */
export const BY_KUSK: ManagedFields = { manager: 'kusk', operation: 'Apply' };
export const BY_KUBECTL: ManagedFields = {
  manager: 'kubectl-client-side-apply',
  operation: 'Update',
};

/** The manager of a ConfigMap that `kubectl create` or `kubectl patch` has written these keys into. */
export function byHand(...keys: readonly string[]): ManagedFields {
  const fields = Object.fromEntries(keys.map((key) => [`f:${key}`, {}]));
  return { manager: 'kubectl-create', operation: 'Update', fieldsV1: { 'f:data': fields } };
}

export interface ObjectParts {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string | undefined;
  readonly by?: readonly ManagedFields[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly rest?: Readonly<Record<string, unknown>>;
}

/** Creates an object of an installation, applied by `kusk` unless said otherwise. */
export function anObject(parts: ObjectParts = {}): KubeObject {
  const { apiVersion = 'v1', kind = 'Service', name = 'kusk-gateway-telemetry', rest } = parts;
  const namespace = 'namespace' in parts ? parts.namespace : NAMESPACE;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: parts.labels ?? { [INSTANCE_LABEL]: INSTANCE },
      annotations: parts.annotations ?? {},
      managedFields: parts.by ?? [BY_KUSK],
      resourceVersion: '1',
    },
    ...rest,
  };
}

/** Creates the objects of an installation as a cluster has them. */
export function installed(
  settings: Partial<InstallSettings> = {},
  by: readonly ManagedFields[] = [BY_KUSK],
): readonly KubeObject[] {
  return installationObjects({ namespace: NAMESPACE, analytics: true, ...settings }).map(
    (object) => ({ ...object, metadata: { ...object.metadata, managedFields: by } }),
  );
}

/** Puts a container before that of the operator, as a strategic merge patch and kustomize do. */
export function withSidecar(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.map((object) => {
    if (object.kind !== 'Deployment') return object;
    const changed = structuredClone(object) as Deployment;
    const sidecar = { name: 'log-shipper', image: 'registry.example/shipper:3' };
    const { spec } = changed.spec.template;
    Object.assign(spec, { containers: [sidecar, ...spec.containers] });
    return changed;
  });
}

/** Creates the snapshot of a cluster that holds these objects. */
export function aSnapshot(objects: readonly KubeObject[], parts: Partial<Snapshot> = {}): Snapshot {
  return {
    namespace: NAMESPACE,
    named: new Map(objects.map((object) => [keyOf(object), object])),
    labelled: objects.filter(({ metadata }) => metadata.labels?.[INSTANCE_LABEL] === INSTANCE),
    deployments: objects.filter(({ kind }) => kind === 'Deployment'),
    services: objects.filter(({ kind }) => kind === 'Service'),
    formerCrd: undefined,
    forbidden: [],
    ...parts,
  };
}
