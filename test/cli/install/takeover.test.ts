import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ManagedFields } from '../../../src/cli/install/kube-object.ts';
import { isManifest, takeoverPatch } from '../../../src/cli/install/takeover.ts';
import { anObject, BY_KUSK } from './fixtures.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const fields = (name: string) => ({ 'f:spec': { [`f:${name}`]: {} } });

function fieldNames(fieldsV1: ManagedFields['fieldsV1']): readonly string[] {
  const names = Object.keys(fieldsV1?.['f:spec'] ?? {});
  return ['f:a', 'f:b', 'f:c', 'f:d'].filter((name) => names.includes(name));
}

/** Returns the managers after the patch, with the names of their fields below `spec`. */
function managersAfter(managedFields: readonly ManagedFields[]) {
  const patch = takeoverPatch(anObject({ by: managedFields }), managedFields.filter(isManifest));
  const value = patch?.find(({ path }) => path === '/metadata/managedFields')?.value;
  return (value as readonly ManagedFields[] | undefined)?.map(
    ({ manager, operation, fieldsV1 }) => [manager, operation, fieldNames(fieldsV1)],
  );
}

describe('the takeover of an object of kubectl', () => {
  const cases: readonly {
    readonly title: string;
    readonly before: readonly ManagedFields[];
    readonly after: unknown;
  }[] = [
    {
      title: 'hands over the fields of a client-side apply',
      before: [
        { manager: 'kubectl-client-side-apply', operation: 'Update', fieldsV1: fields('a') },
      ],
      after: [['kusk', 'Apply', ['f:a']]],
    },
    {
      title: 'unites the fields of several manifests and our own',
      before: [
        { manager: 'kubectl-create', operation: 'Update', fieldsV1: fields('a') },
        { manager: 'kubectl', operation: 'Apply', fieldsV1: fields('b') },
        { ...BY_KUSK, fieldsV1: fields('c') },
      ],
      after: [['kusk', 'Apply', ['f:a', 'f:b', 'f:c']]],
    },
    {
      title: 'leaves edits of single fields with their managers',
      before: [
        { manager: 'kubectl-client-side-apply', operation: 'Update', fieldsV1: fields('a') },
        { manager: 'kubectl-edit', operation: 'Update', fieldsV1: fields('b') },
        { manager: 'kubectl', operation: 'Update', fieldsV1: fields('c') },
        {
          manager: 'kubectl',
          operation: 'Apply',
          subresource: 'status',
          fieldsV1: fields('d'),
        },
      ],
      after: [
        ['kusk', 'Apply', ['f:a']],
        ['kubectl-edit', 'Update', ['f:b']],
        ['kubectl', 'Update', ['f:c']],
        ['kubectl', 'Apply', ['f:d']],
      ],
    },
    { title: 'is nothing if there is none', before: [BY_KUSK], after: undefined },
  ];
  for (const { title, before, after } of cases) {
    it(title, () => assert.deepEqual(managersAfter(before), after));
  }

  it('removes the annotation of kubectl, and nobody owns it', () => {
    const fieldsV1 = {
      'f:metadata': { 'f:annotations': { [`f:${LAST_APPLIED}`]: {}, 'f:b': {} } },
    };
    const by = [{ manager: 'kubectl-client-side-apply', operation: 'Update', fieldsV1 }];
    const object = anObject({ annotations: { [LAST_APPLIED]: '{}', b: 'c' }, by });
    const patch = takeoverPatch(object, by);
    assert.deepEqual(patch, [
      { op: 'test', path: '/metadata/resourceVersion', value: '1' },
      {
        op: 'replace',
        path: '/metadata/managedFields',
        value: [
          {
            manager: 'kusk',
            operation: 'Apply',
            fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:b': {} } } },
          },
        ],
      },
      {
        op: 'remove',
        path: '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration',
      },
    ]);
  });

  it('leaves the annotation to a manifest that is not handed over', () => {
    const theirs = {
      manager: 'kubectl-client-side-apply',
      operation: 'Update',
      fieldsV1: { 'f:metadata': { 'f:annotations': { [`f:${LAST_APPLIED}`]: {} } } },
    };
    const ours = { manager: 'kubectl', operation: 'Apply', fieldsV1: fields('a') };
    const object = anObject({ annotations: { [LAST_APPLIED]: '{}' }, by: [theirs, ours] });
    assert.deepEqual(takeoverPatch(object, [ours])?.slice(1), [
      {
        op: 'replace',
        path: '/metadata/managedFields',
        value: [{ ...ours, manager: 'kusk' }, theirs],
      },
    ]);
  });
});
