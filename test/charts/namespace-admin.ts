import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { writeKubeconfig } from '../../lab/control-plane/credentials.ts';
import type { Cluster } from './cluster.ts';
import { CHART, type Helm, helmOf, setting, VERSIONS } from './helm.ts';

const ALONE = setting(['rbac.create=false', 'crds.install=false']);
/** What an administrator applies before, as the chart's README has it. */
const CLUSTER_WIDE = ['role', 'clusterrole', 'crds'].flatMap((name) => [
  '--show-only',
  `templates/${name}.yaml`,
]);

/** Somebody who may do everything in one namespace, and nothing outside of it. */
export function namespaceAdminSuite(cluster: () => Cluster): void {
  for (const version of VERSIONS) {
    describe(`an admin of one namespace, by ${version}`, () => {
      const namespace = `team-${version}`;
      const release = ['kusk-gateway', '--namespace', namespace];
      let helm: Helm;

      before(async () => {
        const { cp } = cluster();
        const path = join(cp.folder, `${namespace}.kubeconfig`);
        const kubeconfig = await writeKubeconfig(path, { name: namespace, namespace }, cp);
        helm = await helmOf(version, { kubeconfig, folder: join(cp.folder, namespace) });
        await cp.kubectl(['create', 'namespace', namespace]);
        const admin = ['create', 'rolebinding', 'admin', '--clusterrole=admin', '-n', namespace];
        await cp.kubectl([...admin, `--user=${namespace}`]);
      });

      for (const set of [[], ['rbac.create=false'], ['crds.install=false']]) {
        it(`sees what to write with ${set[0] ?? 'default values'}`, async () => {
          const attempt = helm.run(['install', ...release, CHART, ...setting(set)]);
          await assert.rejects(attempt, ({ message }: Error) => {
            assert.match(message, /write rbac\.create=false and crds\.install=false/);
            assert.doesNotMatch(message, /executing|error calling|HELM_ERR/);
            return true;
          });
        });
      }

      it('installs, upgrades, switches off and uninstalls', async () => {
        const { cp } = cluster();
        const admins = await cluster().helm(version, { validates: true });
        const input = await admins.run(['template', ...release, CHART, ...CLUSTER_WIDE]);
        await cp.kubectl(['apply', '-f', '-'], { input });
        await helm.run(['install', ...release, CHART, ...ALONE]);
        await helm.run(['upgrade', ...release, CHART, ...ALONE, '--set', 'replicaCount=2']);
        await helm.run(['upgrade', ...release, CHART, ...ALONE, '--set', 'analytics.enabled=no']);
        const account = `system:serviceaccount:${namespace}:kusk-gateway-manager`;
        const may = ['auth', 'can-i', '--as', account, '-n', namespace];
        await cp.kubectl([...may, 'list', 'apis.gateway.kusk.io', '--all-namespaces']);
        await cp.kubectl([...may, 'update', 'configmaps/kusk-gateway-ledger']);
        await helm.run(['uninstall', ...release]);
      });

      it('stays off in an upgrade that also has rights to CRDs, but none to ClusterRoles', async () => {
        const { cp } = cluster();
        const name = `crds-${version}`;
        const crds = '--resource=customresourcedefinitions.apiextensions.k8s.io';
        await cp.kubectl(['create', 'clusterrole', name, crds, '--verb=*']);
        const binding = ['create', 'clusterrolebinding', name, `--clusterrole=${name}`];
        await cp.kubectl([...binding, `--user=${namespace}`]);
        const applied = ['role/kusk-gateway-manager', 'rolebinding/kusk-gateway-manager'];
        await cp.kubectl(['delete', ...applied, '-n', namespace]);
        const off = [...release, CHART, '--set', 'analytics.enabled=false'];
        await helm.run(['install', ...off]);
        await helm.run(['upgrade', ...off]);
        await helm.run(['uninstall', ...release]);
      });
    });
  }
}
