import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkCluster } from '../../../src/cli/install/check.ts';
import type { Session } from '../../../src/cli/install/session.ts';
import { aContext } from '../context.ts';
import { fakeApi } from './fake-api.ts';
import { anObject, installed, NAMESPACE } from './fixtures.ts';

const SELECTOR = { 'app.kubernetes.io/name': 'kusk-gateway', 'app.kubernetes.io/instance': 'gw' };
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${encodeURIComponent(
  'app.kubernetes.io/name=kusk-gateway,app.kubernetes.io/instance=gw',
)}`;

/** The operator of a Helm release `gw` with these pods, none of which is ready. */
function release(pods: readonly object[]) {
  const operator = installed().find(({ kind }) => kind === 'Deployment');
  assert.ok(operator);
  const { metadata } = anObject({
    name: 'gw-kusk-gateway-manager',
    annotations: { 'meta.helm.sh/release-name': 'gw' },
  });
  const spec = { ...(operator.spec as object), replicas: 1, selector: { matchLabels: SELECTOR } };
  const status = { replicas: 1, updatedReplicas: 1 };
  return fakeApi({
    objects: [{ ...operator, metadata, spec, status }],
    answers: (path) =>
      path === PODS ? { items: pods } : { status: { allowed: true, resourceRules: [] } },
  });
}

async function readiness(pods: readonly object[]) {
  const { api } = release(pods);
  const { context, stdout } = aContext({ flags: { output: 'json' } });
  const session = { api, connection: { server: 'https://one.example' } } as Session;
  assert.equal(await checkCluster(session, { namespace: NAMESPACE }, context), 1);
  const { checks } = JSON.parse(stdout.text()) as { readonly checks: readonly { check: string }[] };
  return checks.find(({ check }) => check === 'readiness');
}

describe('kusk cluster check of a Helm release that is not ready', () => {
  it('explains its pods', async () => {
    const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
    const status = { containerStatuses: [{ name: 'manager', ready: false, state: { waiting } }] };
    const pod = anObject({ kind: 'Pod', name: 'gw-1', rest: { status } });
    const line = await readiness([pod]);
    assert.partialDeepStrictEqual(line, { text: 'ImagePullBackOff: no such image' });
    assert.match(JSON.stringify(line), /by Helm with manager\.image\.repository/);
  });

  it('names its Deployment if no pod explains it', async () => {
    assert.partialDeepStrictEqual(await readiness([]), {
      text: '0 of 1 pods ready',
      advice: `Wait, or see more: kubectl -n ${NAMESPACE} describe deployment gw-kusk-gateway-manager`,
    });
  });
});
