import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { switchClusterOff, switchClusterOn } from '../../../src/cli/install/cluster-switch.ts';
import type { KubeObject } from '../../../src/cli/install/kube-object.ts';
import { chartVersion, VERSION_LABEL } from '../../../src/cli/install/objects.ts';
import { type FakeApiOptions, fakeApi, statusError } from './fake-api.ts';
import { anObject, installed, NAMESPACE } from './fixtures.ts';

const OPTIONS = { namespace: NAMESPACE, flags: { context: 'prod' } };
const OPT_OUT = `ConfigMap ${NAMESPACE}/kusk-gateway-opt-out`;
const DEPLOYMENT = `Deployment ${NAMESPACE}/kusk-gateway-manager`;

const optedOut = anObject({
  kind: 'ConfigMap',
  name: 'kusk-gateway-opt-out',
  rest: { data: { enabled: 'false' } },
});

/** What `kusk` has installed off, and the opt-out. */
const OFF = [...installed({ analytics: false }), optedOut];

interface Parts extends Pick<FakeApiOptions, 'objects' | 'errors'> {
  readonly isAllowed?: boolean;
  /** The operators that are found in all namespaces. */
  readonly items?: readonly KubeObject[];
}

function setup({ objects = OFF, errors = {}, isAllowed = true, items = [] }: Parts = {}) {
  const status = { allowed: isAllowed, resourceRules: [] };
  const { api, stored } = fakeApi({ objects, errors, answers: () => ({ status, items }) });
  return { api, stored, optOut: () => stored.get(OPT_OUT)?.data };
}

function operatorIn(namespace: string, objects = installed()): KubeObject {
  const operator = objects.find(({ kind }) => kind === 'Deployment');
  assert.ok(operator);
  return { ...operator, metadata: { ...operator.metadata, namespace } };
}

describe('switching a cluster on', () => {
  it('brings back what kusk has installed off, and then the opt-out', async () => {
    const { api, optOut } = setup();
    const { telemetry } = await switchClusterOn(api, OPTIONS);
    assert.deepEqual([telemetry.consent.on, optOut()], [true, { enabled: 'true' }]);
  });

  const failures: readonly (Parts & { readonly title: string; readonly error: object })[] = [
    {
      title: 'may not be read',
      errors: { 'list Deployment': statusError(403) },
      error: { status: 403 },
    },
    {
      title: 'may not be changed',
      isAllowed: false,
      error: { message: /lacks these rights, and nothing was changed/, exitCode: 3 },
    },
    {
      title: 'was changed by others',
      errors: {
        [`apply ${DEPLOYMENT}`]: statusError(409, [
          { field: '.spec.replicas', message: 'conflict with "kubectl" using apps/v1' },
        ]),
      },
      error: {
        message: /and nothing was changed/,
        advice:
          'To overwrite them, before this command: kusk cluster upgrade --analytics on --context prod --force-conflicts',
      },
    },
  ];
  for (const { title, error, ...parts } of failures) {
    it(`leaves the opt-out as it is if what runs there ${title}`, async () => {
      const { api, optOut } = setup(parts);
      await assert.rejects(switchClusterOn(api, OPTIONS), error);
      assert.deepEqual(optOut(), { enabled: 'false' });
    });
  }

  it('does not change the version of the operator, and names the command that does', async () => {
    const objects = OFF.map((object) => {
      if (object.kind !== 'Deployment') return object;
      const labels = { ...object.metadata.labels, [VERSION_LABEL]: '0.0.9' };
      return { ...object, metadata: { ...object.metadata, labels } };
    });
    const { api, stored } = setup({ objects });
    const { telemetry, advice } = await switchClusterOn(api, OPTIONS);
    assert.equal(stored.get(DEPLOYMENT)?.metadata.labels?.[VERSION_LABEL], '0.0.9');
    assert.equal(telemetry.consent.on, false);
    assert.equal(
      advice,
      `This brings the operator from version 0.0.9 to ${chartVersion()}, with telemetry: kusk cluster upgrade --analytics on --context prod`,
    );
  });
});

describe('switching a cluster off', () => {
  const unread = [
    { title: 'may not be read', error: statusError(403), said: 'your account may not see it' },
    { title: 'can not be read', error: statusError(500), said: 'answered 500' },
  ];
  for (const { title, error, said } of unread) {
    it(`has succeeded if what runs there ${title}`, async () => {
      const errors = { 'list Deployment': error };
      const { api, optOut } = setup({ objects: installed(), errors });
      assert.deepEqual(await switchClusterOff(api, OPTIONS), { unread: said });
      assert.deepEqual(optOut(), { enabled: 'false' });
    });
  }

  it('names the operators that it does not switch off', async () => {
    const items = [NAMESPACE, 'two', 'three'].map((namespace) => operatorIn(namespace));
    const { api } = setup({ objects: installed(), items });
    assert.partialDeepStrictEqual(await switchClusterOff(api, OPTIONS), {
      others: ['two', 'three'],
    });
  });

  it('needs no right to look for others', async () => {
    const path =
      'get /apis/apps/v1/deployments?labelSelector=app.kubernetes.io%2Fcomponent%3Dkusk-gateway-manager';
    const { api } = setup({ objects: installed(), errors: { [path]: statusError(403) } });
    assert.partialDeepStrictEqual(await switchClusterOff(api, OPTIONS), { others: [] });
  });

  it('says what to do if there is no such namespace', async () => {
    const errors = { [`apply ${OPT_OUT}`]: statusError(404) };
    await assert.rejects(switchClusterOff(setup({ objects: [], errors }).api, OPTIONS), {
      message: 'namespace kusk-system does not exist, and nothing was changed',
      advice:
        'To opt out before an install, create it: kubectl --context prod create namespace kusk-system',
      exitCode: 1,
    });
    await assert.rejects(switchClusterOn(setup({ objects: [], errors }).api, OPTIONS), {
      message: 'namespace kusk-system does not exist, and nothing was changed',
      advice: undefined,
    });
    const { api } = setup({ objects: [], errors, items: [operatorIn('two')] });
    await assert.rejects(switchClusterOff(api, OPTIONS), {
      message: 'an operator runs in namespace two',
      advice: 'kusk analytics disable --cluster --context prod -n two',
    });
  });
});
