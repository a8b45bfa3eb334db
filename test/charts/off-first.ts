import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startEndpoint } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { assertTold } from '../../lab/support/expected.ts';
import { resources } from '../../lab/support/resources.ts';
import { CRDS } from '../deploy/manifests.ts';
import type { Cluster } from './cluster.ts';
import { CHART, setting, VERSIONS } from './helm.ts';
import { startPod } from './kubelet.ts';

const OFF = setting(['analytics.enabled=false']);
const ON = setting(['analytics.enabled=true']);

/** A release that is off at its install, into a namespace that Helm creates, and on later. */
export function offFirstSuite(cluster: () => Cluster): void {
  describe('off from the start, in a new namespace', () => {
    before(() => cluster().cp.kubectl(['apply', '-f', CRDS]));
    after(() => cluster().cp.kubectl(['delete', '-f', CRDS]));

    for (const version of VERSIONS) {
      it(`has no ledger, counts nothing of that time, and takes nothing back, by ${version}`, async () => {
        const { client, clusterId } = cluster();
        const namespace = `off-first-${version}`;
        const helm = await cluster().helm(version);
        const where = ['kusk-gateway', '--namespace', namespace];
        await using endpoint = await startEndpoint();
        const values = ['analytics.writeKey=test-write-key', `analytics.endpoint=${endpoint.url}`];
        const chart = [CHART, ...setting(values)];
        await helm.run(['install', ...where, '--create-namespace', ...chart, ...OFF]);
        const ledger = `/api/v1/namespaces/${namespace}/configmaps/kusk-gateway-ledger`;
        assert.equal((await client.send('GET', ledger)).status, 404);

        const users = resources({ client });
        const api = { kind: 'API', namespace } as const;
        await users.create({ ...api, name: 'before' });
        await helm.run(['upgrade', ...where, ...chart, ...ON]);
        const { metadata } = await client.must('GET', ledger);
        const pod = { namespace, deployment: 'kusk-gateway-manager', podName: 'pod' };
        await using started = await startPod(cluster(), pod);
        await started.operator.ready();
        const creations = [await users.create({ ...api, name: 'after' })];
        const since = metadata.creationTimestamp;
        await eventually(() => assertTold(endpoint.arrivals, { clusterId, creations, since }));
        assert.equal(await started.operator.stop(), 0);

        const { data } = await client.must('GET', ledger);
        await helm.run(['rollback', 'kusk-gateway', '1', '--namespace', namespace]);
        assert.deepEqual((await client.must('GET', ledger)).data, data);
        await helm.run(['uninstall', ...where]);
      });

      it(`names the rights that Helm leaves of an upgrade to on that failed, by ${version}`, async () => {
        const { cp, client } = cluster();
        const namespace = `failed-on-${version}`;
        const helm = await cluster().helm(version);
        const release = ['kusk-gateway', '--namespace', namespace];
        const off = [...release, CHART, ...OFF];
        // No pod ever becomes ready.
        const on = [...release, CHART, ...ON, '--wait', '--timeout=1s'];
        const rbac = '/apis/rbac.authorization.k8s.io/v1';
        const paths = [
          `${rbac}/clusterroles/${namespace}:kusk-gateway-manager`,
          `${rbac}/clusterrolebindings/${namespace}:kusk-gateway-manager`,
          `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/kusk-gateway-manager`,
        ];
        const statuses = () =>
          Promise.all(paths.map(async (path) => (await client.send('GET', path)).status));

        await helm.run(['install', '--create-namespace', ...off]);
        await assert.rejects(helm.run(['upgrade', ...on]));
        const notes = await helm.run(['upgrade', ...off]);
        assert.deepEqual(await statuses(), [200, 200, 200]);
        const [, command = ''] = /^ {2}kubectl (.* delete .*clusterrole.*)$/m.exec(notes) ?? [];
        await cp.kubectl(command.split(' '));
        assert.deepEqual(await statuses(), [404, 404, 404]);
        assert.doesNotMatch(await helm.run(['upgrade', ...off]), /clusterrole/);

        await assert.rejects(helm.run(['upgrade', ...on]));
        await helm.run(['rollback', ...release]);
        assert.deepEqual(await statuses(), [404, 404, 404]);
        await helm.run(['uninstall', ...release]);
      });
    }
  });
}
