import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { podTrouble } from '../../../src/cli/install/pod-trouble.ts';
import { anObject } from './fixtures.ts';

const pod = (status: object) => anObject({ kind: 'Pod', name: 'p', rest: { status } });

/** A container that cannot start, as the kubelet reports it. */
const waiting = (reason: string, { name = 'manager', message = '' } = {}) => ({
  name,
  ready: false,
  image: 'a:1',
  state: { waiting: { reason, message } },
});

const crashing = (name: string) => ({
  ...waiting('CrashLoopBackOff', { name }),
  lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
});

const running = (name: string, ready: boolean) => ({ name, ready, state: { running: {} } });

describe('the trouble of a pod', () => {
  const cases = [
    {
      title: 'an image',
      status: { containerStatuses: [waiting('ImagePullBackOff', { message: 'no a:1' })] },
      text: 'ImagePullBackOff: no a:1',
      advice: /--image/,
    },
    {
      title: 'an image without a message',
      status: { containerStatuses: [waiting('ErrImagePull')] },
      text: 'ErrImagePull: a:1',
      advice: /--image/,
    },
    {
      title: 'a crash',
      status: { containerStatuses: [crashing('manager')] },
      text: 'CrashLoopBackOff: OOMKilled (exit code 137)',
      advice: / logs p -c manager --previous$/,
    },
    {
      title: 'a missing Secret',
      status: {
        containerStatuses: [
          waiting('CreateContainerConfigError', { message: 'secret "x" not found' }),
        ],
      },
      text: 'CreateContainerConfigError: secret "x" not found',
      advice: / describe pod p$/,
    },
    {
      title: 'no node',
      status: {
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
        ],
      },
      text: 'Unschedulable: 0/1 nodes',
      advice: /^Add a node/,
    },
    {
      title: 'a probe that fails',
      status: { phase: 'Running', containerStatuses: [running('manager', false)] },
      text: 'the pod runs and is not ready',
      advice: / logs p -c manager$/,
    },
    {
      title: 'its image beside a proxy that is ready',
      status: {
        phase: 'Running',
        containerStatuses: [running('istio-proxy', true), waiting('ImagePullBackOff')],
      },
      text: 'ImagePullBackOff: a:1',
      advice: /--image/,
    },
    {
      title: 'its crash before that of a proxy',
      status: {
        phase: 'Running',
        containerStatuses: [crashing('linkerd-proxy'), crashing('manager')],
      },
      text: 'CrashLoopBackOff: OOMKilled (exit code 137)',
      advice: / -c manager --previous$/,
    },
    {
      title: 'a proxy that crashes, and keeps the operator from being ready',
      status: {
        phase: 'Running',
        containerStatuses: [crashing('istio-proxy'), running('manager', false)],
      },
      text: 'istio-proxy: CrashLoopBackOff: OOMKilled (exit code 137)',
      advice: / -c istio-proxy --previous$/,
    },
    {
      title: 'a proxy that is not ready',
      status: {
        phase: 'Running',
        containerStatuses: [running('istio-proxy', false), running('manager', true)],
      },
      text: 'the pod runs and is not ready',
      advice: / -c istio-proxy$/,
    },
    {
      title: 'an init container that fails',
      status: {
        phase: 'Pending',
        initContainerStatuses: [crashing('istio-init')],
        containerStatuses: [waiting('PodInitializing')],
      },
      text: 'istio-init: CrashLoopBackOff: OOMKilled (exit code 137)',
      advice: / -c istio-init --previous$/,
    },
    {
      title: 'the image of an init container',
      status: {
        phase: 'Pending',
        initContainerStatuses: [waiting('ErrImagePull', { name: 'istio-init' })],
        containerStatuses: [waiting('PodInitializing')],
      },
      text: 'istio-init: ErrImagePull: a:1',
      advice: / describe pod p$/,
    },
  ];
  for (const { title, status, text, advice } of cases) {
    it(`is ${title}, with what to do`, () => {
      const found = podTrouble(pod(status), { context: 'prod' });
      assert.equal(found?.text, text);
      assert.match(found?.advice ?? '', advice);
      assert.doesNotMatch(found?.advice ?? '', /kubectl (?!--context prod -n )/);
    });
  }

  const none = [
    {
      title: 'it is being created',
      status: { containerStatuses: [waiting('ContainerCreating')] },
    },
    { title: 'it is ready', status: { containerStatuses: [running('manager', true)] } },
    { title: 'it has just been scheduled', status: { phase: 'Pending' } },
    {
      title: 'an init container runs',
      status: {
        phase: 'Pending',
        initContainerStatuses: [running('istio-init', false)],
        containerStatuses: [waiting('PodInitializing')],
      },
    },
    {
      title: 'it starts after its proxy',
      status: {
        phase: 'Running',
        containerStatuses: [running('istio-proxy', true), waiting('PodInitializing')],
      },
    },
  ];
  for (const { title, status } of none) {
    it(`is none if ${title}`, () => assert.equal(podTrouble(pod(status), {}), undefined));
  }
});
