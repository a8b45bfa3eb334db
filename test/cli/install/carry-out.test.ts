import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { carryOut } from '../../../src/cli/install/carry-out.ts';
import { keyOf } from '../../../src/cli/install/kube-object.ts';
import type { Step } from '../../../src/cli/install/plan.ts';
import { preview } from '../../../src/cli/install/preview.ts';
import { conflictText, previewText } from '../../../src/cli/install/report.ts';
import { type FakeApiOptions, fakeApi, statusError } from './fake-api.ts';
import { anObject, aSnapshot, BY_KUBECTL, byHand, type ObjectParts } from './fixtures.ts';

const object = anObject();
const KEY = 'Service kusk-system/kusk-gateway-telemetry';
const byKubectl: ObjectParts = { by: [{ ...BY_KUBECTL, fieldsV1: {} }] };

async function run(step: Step, { objects = [], ...options }: FakeApiOptions = {}) {
  const { api, calls } = fakeApi({ objects, ...options });
  const snapshot = aSnapshot(objects);
  const [done] = await carryOut([step], { api, snapshot, force: false, onDone: () => undefined });
  return { result: done?.result, why: done?.why, calls };
}

describe('a step', () => {
  it('creates what does not exist', async () => {
    assert.equal((await run({ action: 'apply', object })).result, 'created');
  });

  it('changes nothing of what is the same', async () => {
    const { result } = await run({ action: 'apply', object }, { objects: [object] });
    assert.equal(result, 'unchanged');
  });

  it('leaves what somebody has created in the meantime', async () => {
    const errors = { [`create ${KEY}`]: statusError(409) };
    const { result, why } = await run({ action: 'create', object }, { errors });
    assert.deepEqual([result, why], ['unchanged', 'exists']);
  });

  it('leaves a ledger that the operator has written in the meantime', async () => {
    const errors = { [`merge ${KEY}`]: statusError(409) };
    const { result } = await run({ action: 'mark', object }, { errors, objects: [object] });
    assert.equal(result, 'unchanged');
  });

  it('takes over before it applies, and tries again if the object has changed', async () => {
    const takeover = anObject(byKubectl);
    const errors = { [`patch ${KEY}`]: statusError(422) };
    const { calls } = await run(
      { action: 'apply', object, takeover },
      { errors, objects: [takeover] },
    );
    assert.deepEqual(calls, [`patch ${KEY}`, `read ${KEY}`, `patch ${KEY}`, `apply ${KEY}`]);
  });

  it('rejects with any other error', async () => {
    const errors = { [`apply ${KEY}`]: statusError(500) };
    await assert.rejects(run({ action: 'apply', object }, { errors }), { status: 500 });
  });
});

describe('a preview', () => {
  const namespace = anObject({ kind: 'Namespace', name: 'kusk-system', namespace: undefined });

  it('stores nothing, and shows each field that would change', async () => {
    const before = anObject({ rest: { spec: { replicas: 1, a: { 'b.c': true } } } });
    const after = anObject({ rest: { spec: { replicas: 2, list: [{ name: 'x' }] } } });
    const { api, stored } = fakeApi({ objects: [namespace, before] });
    const snapshot = aSnapshot([namespace, before]);
    const { changes } = await preview([{ action: 'apply', object: after }], {
      api,
      snapshot,
      force: false,
    });
    assert.equal(stored.get(KEY), before);
    assert.equal(
      previewText(changes),
      [
        `change  ${KEY}`,
        '          spec.replicas',
        '            - 1',
        '            + 2',
        '          spec.a',
        '            - {"b.c":true}',
        '          spec.list',
        '            + [{"name":"x"}]',
        '',
      ].join('\n'),
    );
  });

  it('hides what is in a Secret', async () => {
    const secret = (key: string) =>
      anObject({ kind: 'Secret', name: 's', rest: { data: { writeKey: key } } });
    const { api } = fakeApi({ objects: [namespace, secret('A')] });
    const { changes } = await preview([{ action: 'apply', object: secret('B') }], {
      api,
      snapshot: aSnapshot([namespace, secret('A')]),
      force: false,
    });
    assert.match(previewText(changes), /data\.writeKey\n +- "\(hidden\)"\n +\+ "\(hidden\)"/);
  });

  it('asks the API server for nothing in a namespace that does not exist', async () => {
    const { api, calls } = fakeApi();
    const { changes } = await preview([{ action: 'apply', object }], {
      api,
      snapshot: aSnapshot([]),
      force: false,
    });
    assert.deepEqual([calls, changes[0]?.action], [[], 'create']);
  });

  const conflicts = [
    { title: 'of what kubectl applied are none', manager: 'kubectl-client-side-apply', count: 0 },
    { title: 'of edits are shown', manager: 'kubectl-edit', count: 1 },
    { title: 'of kubectl scale are shown', manager: 'kubectl" with subresource "scale', count: 1 },
  ];
  for (const { title, manager, count } of conflicts) {
    it(`of a takeover: conflicts ${title}`, async () => {
      const takeover = anObject(byKubectl);
      const causes = [{ field: '.spec.replicas', message: `conflict with "${manager}" using v1` }];
      const errors = { [`apply ${KEY}`]: statusError(409, causes) };
      const { api } = fakeApi({ objects: [namespace, takeover], errors });
      const snapshot = aSnapshot([namespace, takeover]);
      const steps = [{ action: 'apply', object, takeover }] as const;
      const found = await preview(steps, { api, snapshot, force: false });
      assert.deepEqual([found.conflicts.length, found.changes.length], [count, 1 - count]);
    });
  }

  it('shows conflicts with a manifest that is not taken over, as it has a key of a person', async () => {
    const by = [{ ...BY_KUBECTL, fieldsV1: {} }, byHand('config.yaml')];
    const rest = { data: { 'config.yaml': 'x' } };
    const takeover = anObject({ kind: 'ConfigMap', name: 'kusk-gateway-manager', by, rest });
    const causes = [{ field: '.metadata.labels.a', message: 'conflict with "kubectl-create"' }];
    const errors = { [`apply ${keyOf(takeover)}`]: statusError(409, causes) };
    const { api } = fakeApi({ objects: [namespace, takeover], errors });
    const snapshot = aSnapshot([namespace, takeover]);
    const steps = [{ action: 'apply', object: takeover, takeover }] as const;
    const { conflicts } = await preview(steps, { api, snapshot, force: false });
    assert.deepEqual(
      conflicts.map(({ manager }) => manager),
      ['kubectl-create'],
    );
  });

  it('shows conflicts with both values, and without control characters', async () => {
    const field = '.spec.containers[name="manager"].env[name="LOG_LEVEL"].value';
    const spec = (value: string) => ({
      spec: { containers: [{ name: 'manager', env: [{ name: 'LOG_LEVEL', value }] }] },
    });
    const live = anObject({ rest: spec('\u001b[31mdebug') });
    const errors = {
      [`apply ${KEY}`]: statusError(409, [
        { field, message: 'conflict with "kubectl-edit" using v1' },
        { field: '.metadata.labels.app.kubernetes.io/instance', message: 'conflict with "x"' },
      ]),
    };
    const { api } = fakeApi({ objects: [namespace, live], errors });
    const snapshot = aSnapshot([namespace, live]);
    const steps = [{ action: 'apply', object: anObject({ rest: spec('info') }) }] as const;
    const { conflicts } = await preview(steps, { api, snapshot, force: false });
    assert.equal(
      conflictText(conflicts, snapshot.named),
      [
        KEY,
        `  ${field}`,
        '    kubectl-edit has set "\\u001b[31mdebug", kusk would set "info"',
        '  .metadata.labels.app.kubernetes.io/instance',
        '    x has set "kusk-gateway-telemetry", kusk would set "kusk-gateway-telemetry"',
      ].join('\n'),
    );
  });
});
