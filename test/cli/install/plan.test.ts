import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { installedManifests } from '../../../src/cli/install/hand-written.ts';
import { type KubeObject, keyOf } from '../../../src/cli/install/kube-object.ts';
import { operatorContainer } from '../../../src/cli/install/neighbours.ts';
import { planInstall, type Step, takeovers } from '../../../src/cli/install/plan.ts';
import {
  anObject,
  aSnapshot,
  BY_KUBECTL,
  BY_KUSK,
  byHand,
  installed,
  NAMESPACE,
} from './fixtures.ts';

const ON = { namespace: NAMESPACE, analytics: true };
const OFF = { namespace: NAMESPACE, analytics: false };
const LEDGER = `ConfigMap ${NAMESPACE}/kusk-gateway-ledger`;
const SWITCHES = `ConfigMap ${NAMESPACE}/kusk-gateway-manager`;
const FLEETS = 'CustomResourceDefinition envoyfleets.gateway.kusk.io';

/** Returns each step's action by the key of its object. */
function actions(steps: readonly Step[]) {
  return Object.fromEntries(steps.map(({ action, object }) => [keyOf(object), action]));
}

const isOther = (object: KubeObject) => keyOf(object) !== SWITCHES;

function without(pattern: RegExp, objects = installed()) {
  return objects.filter((object) => !pattern.test(keyOf(object)));
}

describe('the plan of an install', () => {
  it('creates everything in an empty cluster, and never overwrites ledger and Lease', () => {
    const planned = actions(planInstall(aSnapshot([]), ON));
    assert.equal(planned[LEDGER], 'create');
    assert.equal(planned[`Lease ${NAMESPACE}/kusk-gateway-manager`], 'create');
    assert.deepEqual([...new Set(Object.values(planned))], ['apply', 'create']);
  });

  it('keeps namespace, ledger and Lease that are there, and applies the rest', () => {
    const planned = actions(planInstall(aSnapshot(installed()), ON));
    const kept = Object.entries(planned).flatMap(([key, action]) =>
      action === 'apply' ? [] : key,
    );
    assert.deepEqual(kept, [
      `Namespace ${NAMESPACE}`,
      LEDGER,
      `Lease ${NAMESPACE}/kusk-gateway-manager`,
    ]);
  });

  it('deletes what an operator without telemetry has no use for', () => {
    const planned = actions(planInstall(aSnapshot(installed()), OFF));
    assert.equal(planned[`ClusterRole ${NAMESPACE}:kusk-gateway-manager`], 'delete');
    assert.equal(planned[`ClusterRoleBinding ${NAMESPACE}:kusk-gateway-manager`], 'delete');
    assert.equal(planned[`Lease ${NAMESPACE}/kusk-gateway-manager`], 'delete');
    assert.equal(planned[SWITCHES], 'apply');
  });

  it('deletes the switches that kusk wrote when telemetry is on again', () => {
    const planned = actions(planInstall(aSnapshot(installed(OFF)), ON));
    assert.equal(planned[SWITCHES], 'delete');
  });

  it('releases the switches, and does not delete them, if a person has written into them', () => {
    const by = [BY_KUSK, byHand('ANALYTICS_ENABLED')];
    const data = { ANALYTICS_ENABLED: 'no' };
    const edited = anObject({
      kind: 'ConfigMap',
      name: 'kusk-gateway-manager',
      by,
      rest: { data },
    });
    const steps = planInstall(aSnapshot([...installed(), edited]), ON);
    const step = steps.find(({ object }) => keyOf(object) === SWITCHES);
    const metadata = { name: 'kusk-gateway-manager', namespace: NAMESPACE };
    assert.deepEqual(step, {
      action: 'apply',
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata },
    });
  });

  it('leaves a switch alone that a person has changed', () => {
    const objects = without(/ConfigMap .*manager$/, installed(OFF));
    const edited = anObject({
      kind: 'ConfigMap',
      name: 'kusk-gateway-manager',
      by: [BY_KUSK, byHand('ANALYTICS_ENABLED', 'mine')],
      rest: { data: { ANALYTICS_ENABLED: 'no', mine: 'x' } },
    });
    const steps = planInstall(aSnapshot([...objects, edited]), OFF);
    const step = steps.find(({ object }) => keyOf(object) === SWITCHES);
    assert.deepEqual(step?.object.data, {});
  });

  it('takes over no switches that a person has created, and applies none of theirs', () => {
    const data = { ANALYTICS_ENABLED: 'false' };
    const by = [byHand('ANALYTICS_ENABLED')];
    const name = 'kusk-gateway-manager';
    const created = anObject({ kind: 'ConfigMap', name, labels: {}, by, rest: { data } });
    const steps = planInstall(aSnapshot([...installed(), created]), OFF);
    const step = steps.find(({ object }) => keyOf(object) === SWITCHES);
    assert.deepEqual(step?.object.data, {});
    const marks = Object.keys(step?.object.metadata.annotations ?? {});
    assert.deepEqual(marks, ['telemetry.kusk.io/wrote-config.yaml']);
    assert.deepEqual(takeovers(steps), []);
  });

  it('leaves a file alone that kubectl stored as binary', () => {
    const fieldsV1 = { 'f:binaryData': { 'f:config.yaml': {} } };
    const by = [{ manager: 'kubectl-create', operation: 'Update', fieldsV1 }];
    const name = 'kusk-gateway-manager';
    const rest = { binaryData: { 'config.yaml': '//4=' } };
    const created = anObject({ kind: 'ConfigMap', name, labels: {}, by, rest });
    const steps = planInstall(aSnapshot([...installed(), created]), OFF);
    const step = steps.find(({ object }) => keyOf(object) === SWITCHES);
    assert.deepEqual(Object.keys((step?.object.data ?? {}) as object), ['ANALYTICS_ENABLED']);
  });

  /** The overlay of deploy/, as kubectl applied it. */
  const manifest = (data: Readonly<Record<string, string>>, mark = 'nothing') => {
    const switches = installed(OFF).find((object) => keyOf(object) === SWITCHES);
    const written = { ...(switches?.data as object), ...data };
    const fieldsV1 = {
      'f:metadata': { 'f:labels': { 'f:app.kubernetes.io/instance': {} } },
      ...byHand(...Object.keys(written)).fieldsV1,
      'f:binaryData': { 'f:ENVOY_CONTROL_PLANE_BIND_ADDR': {} },
    };
    return anObject({
      kind: 'ConfigMap',
      name: 'kusk-gateway-manager',
      by: [{ ...BY_KUBECTL, fieldsV1 }],
      annotations: {
        ...(switches?.metadata.annotations as Readonly<Record<string, string>>),
        'telemetry.kusk.io/wrote-config.yaml': mark,
      },
      rest: {
        data: written,
        binaryData: { ENVOY_CONTROL_PLANE_BIND_ADDR: '' },
      },
    });
  };

  const FORMER_FILE = 'analytics:\n  enabled: false\n  reportOptOut: true\n';
  for (const [title, found] of [
    ['', manifest({})],
    [' of version 0.1.0', manifest({ 'config.yaml': FORMER_FILE }, 'e35bb9558f74453b')],
  ] as const) {
    it(`takes over the switches of an installation that kubectl applied${title}`, () => {
      const snapshot = aSnapshot([...installed(OFF, [BY_KUBECTL]).filter(isOther), found]);
      assert.ok(takeovers(planInstall(snapshot, OFF)).includes(found));
      assert.equal(actions(planInstall(snapshot, ON))[SWITCHES], 'delete');
    });
  }

  it('leaves a file of one’s own in them to kubectl', () => {
    const found = manifest({ 'config.yaml': 'analytics: {endpoint: https://c.example}' });
    const snapshot = aSnapshot([...installed(OFF, [BY_KUBECTL]).filter(isOther), found]);
    assert.ok(!takeovers(planInstall(snapshot, OFF)).includes(found));
    assert.equal(actions(planInstall(snapshot, ON))[SWITCHES], 'apply');
  });

  it('takes over the rest of them if a person has edited a file into them', () => {
    const { metadata, data, ...rest } = manifest({});
    const edit = { ...byHand('config.yaml'), manager: 'kubectl-edit' };
    const found = {
      ...rest,
      metadata: { ...metadata, managedFields: [...(metadata.managedFields ?? []), edit] },
      data: { ...(data as object), 'config.yaml': 'analytics: {endpoint: https://c.example}' },
    };
    const snapshot = aSnapshot([...installed(OFF, [BY_KUBECTL]).filter(isOther), found]);
    for (const settings of [OFF, ON]) {
      const steps = planInstall(snapshot, settings);
      const step = steps.find(({ object }) => keyOf(object) === SWITCHES);
      assert.partialDeepStrictEqual(step, { action: 'apply', takeover: found });
      assert.ok(!Object.hasOwn((step?.object.data ?? {}) as object, 'config.yaml'));
    }
  });

  it('takes over the manifest of an installation beside one with a file of one’s own', () => {
    const { metadata, data, ...rest } = manifest({});
    const [overlay = assert.fail()] = metadata.managedFields ?? [];
    const found = {
      ...rest,
      metadata: { ...metadata, managedFields: [byHand('config.yaml'), overlay] },
      data: { ...(data as object), 'config.yaml': 'analytics: {endpoint: https://c.example}' },
    };
    assert.deepEqual(installedManifests(found), [overlay]);
    const snapshot = aSnapshot([...installed(OFF, [BY_KUBECTL]).filter(isOther), found]);
    const step = planInstall(snapshot, ON).find(({ object }) => keyOf(object) === SWITCHES);
    assert.partialDeepStrictEqual(step, { action: 'apply', takeover: found });
    assert.equal(step?.object.data, undefined);
  });

  it('deletes what an older kusk wrote into the switches, whatever it was', () => {
    const own = { ...BY_KUSK, fieldsV1: byHand('config.yaml').fieldsV1 ?? {} };
    const name = 'kusk-gateway-manager';
    const rest = { data: { 'config.yaml': 'analytics: {enabled: no}' } };
    const older = anObject({ kind: 'ConfigMap', name, by: [own], rest });
    assert.equal(actions(planInstall(aSnapshot([...installed(), older]), ON))[SWITCHES], 'delete');
  });

  const spellings = [
    { live: 'off', applied: 'off' },
    { live: 'False', applied: 'False' },
    { live: 'true', applied: 'false' },
  ];
  for (const { live, applied } of spellings) {
    it(`applies ANALYTICS_ENABLED=${applied} over ${live}, which a person set`, () => {
      const text = JSON.stringify(installed(OFF));
      const edited = JSON.parse(text.replace('"value":"false"', `"value":"${live}"`));
      const steps = planInstall(aSnapshot(edited), OFF);
      const deployment = steps.find(({ object }) => object.kind === 'Deployment')?.object;
      const env = operatorContainer(deployment)?.env ?? [];
      assert.equal(env.find(({ name }) => name === 'ANALYTICS_ENABLED')?.value, applied);
    });
  }

  const ledgers = [
    {
      title: 'marks an empty ledger of a time without telemetry, so that consent begins now',
      annotations: { 'telemetry.kusk.io/rendered': 'off' },
      action: 'mark',
    },
    {
      title: 'keeps an empty ledger of this consent',
      annotations: { 'telemetry.kusk.io/rendered': 'on' },
      action: 'keep',
    },
    {
      title: 'keeps a ledger that the operator has written',
      annotations: { 'telemetry.kusk.io/rendered': 'off' },
      data: { 'ledger.json': '{}' },
      action: 'keep',
    },
    {
      title: 'keeps a ledger that was written and emptied',
      annotations: { 'telemetry.kusk.io/written': 'uid' },
      action: 'keep',
    },
  ];
  for (const { title, annotations, data, action } of ledgers) {
    it(title, () => {
      const name = 'kusk-gateway-ledger';
      const ledger = anObject({ kind: 'ConfigMap', name, annotations, rest: { data } });
      assert.equal(actions(planInstall(aSnapshot([ledger]), ON))[LEDGER], action);
    });
  }
});

describe('the CRDs of an install', () => {
  const crd = (by = [BY_KUBECTL]) =>
    anObject({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      name: 'envoyfleets.gateway.kusk.io',
      namespace: undefined,
      by,
      labels: {},
    });

  it('are left as they are if kubectl applied only them', () => {
    const steps = planInstall(aSnapshot([crd()]), ON);
    const step = steps.find(({ object }) => keyOf(object) === FLEETS);
    assert.deepEqual(
      [step?.action, step?.action === 'keep' && step.why],
      ['keep', 'belongs to kubectl'],
    );
    assert.deepEqual(takeovers(steps), []);
  });

  it('are taken over together with an operator of kubectl', () => {
    const steps = planInstall(aSnapshot(installed(ON, [BY_KUBECTL])), ON);
    const keys = takeovers(steps).map(keyOf);
    assert.ok(keys.includes(FLEETS));
    assert.ok(keys.includes(`Deployment ${NAMESPACE}/kusk-gateway-manager`));
    assert.ok(!keys.includes(LEDGER));
  });

  it('leave the kind to the CRD of Kusk Gateway 1.x', () => {
    const steps = planInstall(aSnapshot([], { formerCrd: crd() }), ON);
    assert.equal(actions(steps)[FLEETS], 'keep');
    assert.equal(actions(steps)['CustomResourceDefinition apis.gateway.kusk.io'], 'apply');
  });
});
