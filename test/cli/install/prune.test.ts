import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prunable } from '../../../src/cli/install/prune.ts';
import { anObject, BY_KUBECTL, NAMESPACE, type ObjectParts } from './fixtures.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';
const ROLE = { apiVersion: RBAC, kind: 'Role', name: 'kusk-gateway-old' };
const CLUSTER_ROLE = { apiVersion: RBAC, kind: 'ClusterRole', namespace: undefined };

describe('an upgrade', () => {
  const cases: readonly {
    readonly title: string;
    readonly parts: ObjectParts;
    readonly takeover?: boolean;
    readonly deleted: boolean;
  }[] = [
    { title: 'deletes what kusk applied and is not wanted', parts: ROLE, deleted: true },
    { title: 'keeps what is wanted', parts: { kind: 'Service', name: 'wanted' }, deleted: false },
    { title: 'keeps what kubectl applied', parts: { ...ROLE, by: [BY_KUBECTL] }, deleted: false },
    {
      title: 'deletes what kubectl applied if that is taken over',
      parts: { ...ROLE, by: [BY_KUBECTL] },
      takeover: true,
      deleted: true,
    },
    {
      title: 'keeps what Helm has taken over',
      parts: { ...ROLE, annotations: { 'meta.helm.sh/release-name': 'gw' } },
      deleted: false,
    },
    { title: 'keeps what has no label of ours', parts: { ...ROLE, labels: {} }, deleted: false },
    {
      title: 'keeps what belongs to another namespace',
      parts: { ...ROLE, namespace: 'other' },
      deleted: false,
    },
    {
      title: 'deletes what belongs to the cluster and names this namespace',
      parts: { ...CLUSTER_ROLE, name: `${NAMESPACE}:old` },
      deleted: true,
    },
    {
      title: 'keeps what belongs to the cluster and names another namespace',
      parts: { ...CLUSTER_ROLE, name: `${NAMESPACE}-2:old` },
      deleted: false,
    },
    {
      title: 'keeps the ledger',
      parts: { kind: 'ConfigMap', name: 'kusk-gateway-ledger' },
      deleted: false,
    },
    {
      title: 'keeps CRDs',
      parts: { kind: 'CustomResourceDefinition', name: `${NAMESPACE}:x`, namespace: undefined },
      deleted: false,
    },
    {
      title: 'keeps namespaces',
      parts: { kind: 'Namespace', name: `${NAMESPACE}:x`, namespace: undefined },
      deleted: false,
    },
    {
      title: 'keeps kinds that no version has had',
      parts: { kind: 'PersistentVolumeClaim' },
      deleted: false,
    },
    {
      title: 'deletes a Lease, whoever of us applied it',
      parts: { kind: 'Lease', by: [BY_KUBECTL] },
      deleted: true,
    },
  ];
  for (const { title, parts, takeover = false, deleted } of cases) {
    it(title, () => {
      const object = anObject(parts);
      const wanted = [anObject({ kind: 'Service', name: 'wanted' })];
      const found = prunable([object], { namespace: NAMESPACE, wanted, isTakeover: takeover });
      assert.deepEqual(found, deleted ? [object] : []);
    });
  }

  it('keeps what another object owns', () => {
    const object = anObject(ROLE);
    const owned = { ...object, metadata: { ...object.metadata, ownerReferences: [{}] } };
    assert.deepEqual(
      prunable([owned], { namespace: NAMESPACE, wanted: [], isTakeover: false }),
      [],
    );
  });
});
