import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Cluster } from './cluster.ts';
import { GATEWAY_HOME as HOME, type Versions, withGateway } from './gateway-objects.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');

/** What a client-side apply of CRDs changes; no name of ours could keep out of their way. */
const isCrd = (name: string) => name.startsWith('CustomResourceDefinition/');

const without = (versions: Versions, left: (name: string) => boolean) =>
  Object.fromEntries(Object.entries(versions).filter(([name]) => !left(name)));

const CASES: readonly {
  readonly title: string;
  readonly args: readonly string[];
  readonly changes?: (name: string) => boolean;
  readonly says: RegExp;
}[] = [
  {
    title: 'kubectl apply --server-side -k deploy',
    args: ['--server-side', '-k', DEPLOY],
    says: /conflict/,
  },
  {
    title: 'kubectl apply --server-side --force-conflicts -k deploy/operator',
    args: ['--server-side', '--force-conflicts', '-k', join(DEPLOY, 'operator')],
    says: /selector.*immutable/s,
  },
  {
    title: 'kubectl apply -k deploy, but for the CRDs',
    args: ['-k', DEPLOY],
    changes: isCrd,
    says: /selector.*immutable/s,
  },
  {
    title: 'kubectl apply -k deploy/overlays/analytics-off, but for the CRDs',
    args: ['-k', join(DEPLOY, 'overlays/analytics-off')],
    changes: isCrd,
    says: /ENVOY_CONTROL_PLANE_BIND_ADDR.*selector.*immutable/s,
  },
];

/** deploy/ can't look around before it is applied, so its names and fields keep out of the gateway's way. */
export function plainManifestsSuite(cluster: () => Cluster): void {
  describe('plain manifests, applied over Kusk Gateway 1.x, change nothing of it', () => {
    const { versions } = withGateway(cluster, { from: 'helm3', by: 'helm' });

    for (const { title, args, changes = () => false, says } of CASES) {
      it(title, async () => {
        const before = await versions();
        await assert.rejects(cluster().cp.kubectl(['apply', ...args]), says);
        const after = await versions();
        for (const name of Object.keys(without(before, changes))) {
          assert.equal(after[name], before[name], name);
        }
      });
    }

    it('deploy/rbac.yaml', async () => {
      const before = await versions();
      await cluster().cp.kubectl(['apply', '-n', HOME, '-f', join(DEPLOY, 'rbac.yaml')]);
      const after = await versions();
      for (const [name, version] of Object.entries(before))
        assert.equal(after[name], version, name);
    });

    it('deploy/overlays/beside-gateway, which runs beside it', async () => {
      const { cp } = cluster();
      const before = await versions();
      const overlay = join(DEPLOY, 'overlays/beside-gateway');
      await cp.kubectl(['apply', '--server-side', '-k', overlay]);
      await cp.kubectl(['get', '-n', 'kusk-telemetry', 'deployment/kusk-gateway-manager']);
      await cp.kubectl(['delete', '-k', overlay]);
      assert.deepEqual(await versions(), before);
    });
  });
}
