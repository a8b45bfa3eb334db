import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Endpoint, named, startEndpoint } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { assertTold, expectedMessageId } from '../../lab/support/expected.ts';
import type { KubeObject } from '../../lab/support/kube-client.ts';
import { type Creation, type Resources, resources } from '../../lab/support/resources.ts';
import { type Cluster, onCluster } from './cluster.ts';
import { CHART, type Helm, type HelmVersion } from './helm.ts';
import { type Pod, startPod } from './kubelet.ts';

const NAMESPACE = 'kusk-system';
const RELEASE = 'kusk-gateway';
const PLURALS = ['apis', 'staticroutes', 'envoyfleets'];

/** Every way to write off, as Helm's arguments. */
const OFF: readonly {
  readonly title: string;
  readonly args: readonly string[];
  values?: string;
}[] = [
  { title: 'analytics.enabled=false', args: ['--set', 'analytics.enabled=false'] },
  { title: 'analytics.enable=false', args: ['--set', 'analytics.enable=false'] },
  { title: 'analytics.enabled="False"', args: ['--set-string', 'analytics.enabled=False'] },
  { title: 'analytics.enabled=off', args: ['--set', 'analytics.enabled=off'] },
  { title: 'analytics.enabled=0', args: ['--set', 'analytics.enabled=0'] },
  { title: 'analytics.enabled=null', args: ['--set', 'analytics.enabled=null'] },
  { title: 'a file with enabled: no', args: ['--values', '-'], values: 'analytics: {enabled: no}' },
];

/** The life of a release, from install to reinstall, and everything that it sends. */
export function lifecycleSuite(version: HelmVersion): void {
  describe(`the life of a release, by ${version}`, () => {
    const onIt = onCluster();
    let cluster: Cluster;
    let helm: Helm;
    let endpoint: Endpoint;
    let users: Resources;
    let pod: Pod;
    let base: readonly string[];
    const told: Creation[] = [];
    const either: Creation[] = [];
    let switches = 0;
    let pods = 0;

    before(async () => {
      cluster = onIt();
      helm = await cluster.helm(version);
      endpoint = await startEndpoint();
      users = resources({ client: cluster.client });
      base = [
        RELEASE,
        CHART,
        ...['--namespace', NAMESPACE, '--set', 'analytics.writeKey=test-write-key'],
        ...['--set', `analytics.endpoint=${endpoint.url}`],
      ];
    });
    after(async () => {
      await pod[Symbol.asyncDispose]();
      await endpoint.close();
    });

    async function newPod() {
      pods += 1;
      const podName = `pod-${pods}`;
      pod = await startPod(cluster, { namespace: NAMESPACE, deployment: MANAGER, podName });
      await pod.operator.ready();
    }

    /** What the Deployment does when its template has changed: the old one ends first. */
    async function replacePod() {
      assert.equal(await pod.operator.stop(), 0);
      await pod[Symbol.asyncDispose]();
      await newPod();
    }

    /** One of each kind. */
    function create(name: string) {
      const kinds = ['API', 'StaticRoute', 'EnvoyFleet'] as const;
      return users.createAll(kinds.map((kind) => ({ kind, namespace: 'default', name })));
    }

    async function createAndTell(name: string) {
      told.push(...(await create(name)));
      const ids = told.map((creation) => expectedMessageId(cluster.clusterId, creation));
      await eventually(() => {
        const arrived = new Set(endpoint.accepted.map(({ messageId }) => messageId));
        assert.deepEqual(
          ids.filter((id) => !arrived.has(id)),
          [],
        );
      });
    }

    async function optedOut() {
      switches += 1;
      await eventually(() => {
        assert.equal(named(endpoint.accepted, 'analytics-disabled').length, switches);
      });
    }

    /** All that has ever arrived: the install and each creation once, and each switch to off. */
    async function assertAll() {
      const optOuts = endpoint.arrivals.filter(({ messages }) =>
        messages.some(({ properties }) => properties.event === 'analytics-disabled'),
      );
      assert.deepEqual(
        optOuts.map(({ messages }) => messages.length),
        Array(switches).fill(1),
      );
      const { metadata } = await cluster.client.must('GET', LEDGER);
      assertTold(
        endpoint.arrivals.filter((arrival) => !optOuts.includes(arrival)),
        {
          clusterId: cluster.clusterId,
          creations: told,
          either,
          since: metadata.creationTimestamp,
        },
      );
    }

    it('installs, and sends the install and what is created since', async () => {
      await helm.run(['install', ...base, '--create-namespace']);
      for (const plural of PLURALS) {
        await eventually(() =>
          cluster.client.must('GET', `/apis/gateway.kusk.io/v1alpha1/${plural}`),
        );
      }
      // While the image is still being pulled.
      told.push(...(await create('early')));
      await newPod();
      await createAndTell('first');
      await assertAll();
    });

    it('changes neither the ledger nor the pods in an upgrade to the same', async () => {
      const { checksum } = pod;
      assert.equal(await pod.operator.stop(), 0);
      const before = await cluster.client.must('GET', LEDGER);
      await helm.run(['upgrade', ...base]);
      const { metadata, data } = await cluster.client.must('GET', LEDGER);
      assert.deepEqual(data, before.data);
      assert.deepEqual(metadata, { ...before.metadata, ...ignored(metadata) });
      await replacePod();
      assert.equal(pod.checksum, checksum);
      await createAndTell('same');
    });

    for (const { title, args, values = '' } of OFF) {
      it(`is silent after an upgrade with ${title}, and after one without, until one says on`, async () => {
        const { checksum } = pod;
        await helm.run(['upgrade', ...base, ...args], { input: values });
        await replacePod();
        assert.notEqual(pod.checksum, checksum);
        await optedOut();
        await create(`hidden-${switches}`);
        await helm.run(['upgrade', ...base]);
        await replacePod();
        await create(`still-hidden-${switches}`);
        await helm.run(['upgrade', ...base, '--set', 'analytics.enabled=true']);
        await replacePod();
        await createAndTell(`visible-${switches}`);
      });
    }

    it('is silent by the changed file alone', async () => {
      await helm.run(['upgrade', ...base, '--set', 'analytics.enabled=false']);
      await pod.sync();
      await optedOut();
      await create('hidden-by-file');
    });

    it('sends again after a rollback', async () => {
      await helm.run(['rollback', RELEASE, '--namespace', NAMESPACE]);
      await replacePod();
      await createAndTell('rolled-back');
    });

    it('leaves the ledger and the resources when it is uninstalled', async () => {
      await helm.run(['uninstall', RELEASE, '--namespace', NAMESPACE]);
      assert.equal(await pod.operator.stop(), 0);
      either.push(...(await create('meanwhile')));
      const { status } = await cluster.client.send('GET', LEDGER);
      assert.equal(status, 200);
    });

    it('does not send a second installation when it is installed again', async () => {
      await helm.run(['install', ...base]);
      await replacePod();
      await createAndTell('reinstalled');
      assert.equal(await pod.operator.stop(), 0);
      await assertAll();
    });
  });
}

const MANAGER = 'kusk-gateway-manager';
const LEDGER = `/api/v1/namespaces/${NAMESPACE}/configmaps/kusk-gateway-ledger`;

function ignored({ resourceVersion, ...rest }: KubeObject['metadata']) {
  return 'managedFields' in rest
    ? { resourceVersion, managedFields: rest.managedFields }
    : { resourceVersion };
}
