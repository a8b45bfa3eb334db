import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import type { KubeObject } from '../../../src/cli/install/kube-object.ts';
import { rolloutOf } from '../../../src/cli/install/rollout.ts';
import { waitForRollout } from '../../../src/cli/install/wait-rollout.ts';
import { fakeApi } from './fake-api.ts';
import { anObject, NAMESPACE } from './fixtures.ts';

function deployment(status: object, replicas = 2): KubeObject {
  const object = anObject({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: 'kusk-gateway-manager',
    rest: {
      spec: { replicas, selector: { matchLabels: { app: 'kusk' } } },
      status: { observedGeneration: 3, ...status },
    },
  });
  return { ...object, metadata: { ...object.metadata, generation: 3 } };
}

const failure = (message: string) => ({
  conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }],
});

describe('a rollout', () => {
  const cases = [
    { status: { observedGeneration: 2 }, state: 'waiting', text: 'not observed yet' },
    { status: {}, state: 'waiting', text: '0 of 2 pods created' },
    {
      status: { updatedReplicas: 2, replicas: 3 },
      state: 'waiting',
      text: '1 old pods ending',
    },
    {
      status: { updatedReplicas: 2, replicas: 2, availableReplicas: 1 },
      state: 'waiting',
      text: '1 of 2 pods ready',
    },
    {
      status: { updatedReplicas: 2, replicas: 2, availableReplicas: 2 },
      state: 'ready',
      text: '2 of 2 pods ready',
    },
  ] as const;
  for (const { status, state, text } of cases) {
    it(`is ${state}: ${text}`, () => {
      const found = rolloutOf(deployment(status));
      assert.deepEqual([found.state, found.text], [state, text]);
    });
  }

  const refusals = [
    {
      message: 'pods "x" is forbidden: violates PodSecurity "restricted:latest"',
      advice: /enforce/,
    },
    { message: 'pods "x" is forbidden: exceeded quota: small', advice: /ResourceQuota/ },
    {
      message: 'error looking up service account a/b: serviceaccount "b" not found',
      advice: /again/,
    },
    { message: 'admission webhook "x" denied the request', advice: /administrator/ },
  ];
  for (const { message, advice } of refusals) {
    it(`is stuck with what to do: ${message}`, () => {
      const found = rolloutOf(deployment(failure(message)));
      assert.equal(found.state, 'stuck');
      assert.match(found.state === 'stuck' ? found.advice : '', advice);
    });
  }
});

describe('the wait for a rollout', () => {
  function setup(objects: readonly KubeObject[], pods: readonly object[] = []) {
    const { time } = fakeTime();
    const { api } = fakeApi({ objects, answers: () => ({ items: pods }) });
    const progress: string[] = [];
    const signal = new AbortController().signal;
    // Each pause of the wait is half a second that passes immediately.
    let ms = 0;
    const quick = {
      ...time,
      steady: () => ms,
      wait: async (pause: number) => {
        ms += pause;
      },
    };
    const outcome = waitForRollout({
      api,
      namespace: NAMESPACE,
      flags: { context: 'prod' },
      timeoutMs: 30_000,
      time: quick,
      signal,
      onProgress: (text) => void progress.push(text),
    });
    return { outcome, progress, elapsed: () => ms };
  }

  it('ends when the operator is ready', async () => {
    const { outcome } = setup([
      deployment({ updatedReplicas: 1, replicas: 1, availableReplicas: 1 }, 1),
    ]);
    assert.deepEqual(await outcome, { ready: true, text: '1 of 1 pods ready' });
  });

  it('ends at the timeout, with the reason of the pod', async () => {
    const status = {
      containerStatuses: [
        { name: 'istio-proxy', ready: true },
        { name: 'manager', ready: false, state: { waiting: { reason: 'ErrImagePull' } } },
      ],
    };
    const pod = { metadata: { name: 'p', namespace: NAMESPACE }, status };
    const { outcome, progress, elapsed } = setup([deployment({ updatedReplicas: 2 })], [pod]);
    const result = await outcome;
    assert.equal(result.ready, false);
    assert.match(result.text, /^ErrImagePull/);
    assert.equal(elapsed(), 30_000);
    assert.equal(progress.length, 1);
  });

  it('ends early if waiting cannot help', async () => {
    const { outcome, elapsed } = setup([deployment(failure('violates PodSecurity "restricted"'))]);
    assert.match((await outcome).text, /^pods are refused: violates PodSecurity/);
    assert.equal(elapsed(), 10_000);
  });
});
