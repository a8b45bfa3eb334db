import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type Endpoint, type Message, named, startEndpoint } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { expectedMessageId } from '../../lab/support/expected.ts';
import { resources } from '../../lab/support/resources.ts';
import { CRDS } from '../deploy/manifests.ts';
import type { Cluster } from './cluster.ts';
import { CHART, type HelmVersion } from './helm.ts';
import { type Pod, startPod } from './kubelet.ts';
import { parse } from './rendered.ts';

const run = promisify(execFile);

interface TestPod {
  readonly spec: { readonly containers: readonly [{ readonly args: readonly string[] }] };
}

const SITES = [
  { namespace: 'east', by: 'helm' },
  { namespace: 'west', by: 'helm3' },
] as const;
const API_CRD = 'crd/apis.gateway.kusk.io';

/** Releases beside each other, and beside CRDs that others have made. */
export function neighboursSuite(cluster: () => Cluster): void {
  describe('two releases of one name in two namespaces', () => {
    const pods: Pod[] = [];
    let endpoint: Endpoint;

    const release = (namespace: string) => ['kusk-gateway', '--namespace', namespace];
    const idsOf = (messages: readonly Message[]) => messages.map(({ messageId }) => messageId);

    before(async () => {
      endpoint = await startEndpoint();
      await cluster().cp.kubectl(['apply', '-f', CRDS]);
    });
    after(async () => {
      for (const pod of pods) await pod[Symbol.asyncDispose]();
      await endpoint.close();
      await cluster().cp.kubectl(['delete', '-f', CRDS]);
    });

    async function install(namespace: string, by: HelmVersion): Promise<string> {
      const helm = await cluster().helm(by);
      const values = [`analytics.endpoint=${endpoint.url}`, 'analytics.writeKey=test-write-key'];
      return await helm.run([
        ...['install', ...release(namespace), CHART, '--create-namespace'],
        ...values.flatMap((value) => ['--set', value]),
      ]);
    }

    it('are both installed, over CRDs of another hand, which the notes name', async () => {
      for (const { namespace, by } of SITES) {
        assert.match(await install(namespace, by), / {2}apis\.gateway\.kusk\.io/);
        const deployment = 'kusk-gateway-manager';
        pods.push(await startPod(cluster(), { namespace, deployment, podName: namespace }));
      }
      for (const { operator } of pods) await operator.ready();
    });

    it('send each creation under one id, so that it is counted once', async () => {
      const { client, clusterId } = cluster();
      const api = await resources({ client }).create({
        kind: 'API',
        namespace: 'default',
        name: 'shared',
      });
      const id = expectedMessageId(clusterId, api);
      await eventually(() => {
        assert.equal(idsOf(endpoint.accepted).filter((one) => one === id).length, pods.length);
      });
      for (const name of ['install', 'heartbeat']) {
        assert.equal(new Set(idsOf(named(endpoint.accepted, name))).size, 1, name);
      }
    });

    it('are found ready, and telling, by the script of helm test', async () => {
      const helm = await cluster().helm('helm');
      const shown = ['-s', 'templates/tests/ready.yaml'];
      const [pod] = parse(await helm.run(['template', 'kusk-gateway', CHART, ...shown]));
      const { args } = (pod as TestPod).spec.containers[0];
      for (const { operator } of pods) {
        const env = { READY_URL: `${operator.healthUrl}/readyz`, METRICS_URL: operator.metricsUrl };
        await run(process.execPath, args, { env });
        const mistaken = run(process.execPath, args, {
          env: { ...env, ANALYTICS_ENABLED: 'false' },
        });
        await assert.rejects(mistaken, /telemetry is on, but ANALYTICS_ENABLED is false/);
      }
    });

    it('take nothing from each other when one goes', async () => {
      const { cp, client } = cluster();
      const east = await cluster().helm('helm');
      await east.run(['uninstall', ...release('east')]);
      await cp.kubectl(['get', API_CRD]);
      const api = await resources({ client }).create({
        kind: 'API',
        namespace: 'default',
        name: 'later',
      });
      await eventually(() => {
        assert.ok(idsOf(endpoint.accepted).includes(expectedMessageId(cluster().clusterId, api)));
      });
      const [, west] = pods;
      assert.equal(await west?.operator.stop(), 0);
    });

    it('take over CRDs that were handed to them', async () => {
      const { cp } = cluster();
      const west = await cluster().helm('helm3');
      await cp.kubectl(['label', API_CRD, 'app.kubernetes.io/managed-by=Helm']);
      await cp.kubectl([
        ...['annotate', API_CRD, 'helm.sh/resource-policy=keep'],
        ...['meta.helm.sh/release-name=kusk-gateway', 'meta.helm.sh/release-namespace=west'],
      ]);
      const notes = await west.run(['upgrade', ...release('west'), CHART]);
      assert.doesNotMatch(notes, / {2}apis\.gateway\.kusk\.io/);
      assert.match(
        await cp.kubectl(['get', API_CRD, '-o', 'yaml']),
        /helm\.sh\/chart: kusk-gateway-/,
      );
      await west.run(['uninstall', ...release('west')]);
      await cp.kubectl(['get', API_CRD]);
    });
  });
}
