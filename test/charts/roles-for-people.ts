import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import type { Cluster } from './cluster.ts';
import { CHART, type Helm, setting } from './helm.ts';

const NAMESPACE = 'people';
const RELEASE = ['kusk-gateway', '--namespace', NAMESPACE];
const KINDS = ['apis', 'staticroutes', 'envoyfleets'];

/** People who may view or edit a namespace may view or edit its APIs, StaticRoutes and EnvoyFleets. */
export function rolesForPeopleSuite(cluster: () => Cluster): void {
  describe('aggregated roles', () => {
    let helm: Helm;

    before(async () => {
      helm = await cluster().helm('helm');
      await helm.run(['install', ...RELEASE, CHART, '--create-namespace']);
      for (const role of ['view', 'edit']) {
        const args = ['create', 'rolebinding', role, `--clusterrole=${role}`, `--user=${role}`];
        await cluster().cp.kubectl([...args, '--namespace', NAMESPACE]);
      }
    });
    after(() => helm.run(['uninstall', ...RELEASE]));

    async function may(user: string, verb: string, kind: string): Promise<boolean> {
      const args = ['auth', 'can-i', verb, `${kind}.gateway.kusk.io`, '--as', user];
      return await cluster()
        .cp.kubectl([...args, '--namespace', NAMESPACE])
        .then(
          () => true,
          () => false,
        );
    }

    it('are not there unless asked for, as they change what people may do', async () => {
      for (const kind of KINDS) assert.equal(await may('view', 'list', kind), false);
    });

    it('let people view, and edit, by the roles that they have', async () => {
      await helm.run(['upgrade', ...RELEASE, CHART, ...setting(['rbac.aggregate=true'])]);
      for (const kind of KINDS) {
        await eventually(async () => assert.equal(await may('view', 'list', kind), true));
        await eventually(async () => assert.equal(await may('edit', 'delete', kind), true));
        assert.equal(await may('view', 'create', kind), false);
      }
    });
  });
}
