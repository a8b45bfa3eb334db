import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cluster } from './cluster.ts';
import { CHART } from './helm.ts';
import { type Rendered, render, template } from './rendered.ts';

const RELEASE = 'kusk-gateway';
const WITHOUT_CRDS = ['--set', 'crds.install=false'];
const CASES = [
  { version: 'helm3', force: ['--force'] },
  { version: 'helm', force: ['--force-replace', '--server-side=false'] },
] as const;
const NEVER_PRUNED = {
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
  'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
};

/** CRDs and ledger, and the Lease while telemetry is on. */
const RENDERED = [
  { set: [], count: 5 },
  { set: ['analytics.enabled=false'], count: 4 },
];

function isKept({ kind, metadata }: Rendered): boolean {
  return /^CustomResource|^Lease/.test(kind) || metadata.name === 'kusk-gateway-ledger';
}

/** No way to upgrade, roll back or prune touches the ledger. */
export function untouchedLedgerSuite(cluster: () => Cluster): void {
  describe('the ledger', () => {
    for (const { version, force } of CASES) {
      it(`is not written by ${version} upgrade ${force.join(' ')}, nor by a rollback`, async () => {
        const { client } = cluster();
        const helm = await cluster().helm(version);
        const release = [RELEASE, '--namespace', version];
        const path = `/api/v1/namespaces/${version}/configmaps/kusk-gateway-ledger`;
        await helm.run([
          'install',
          RELEASE,
          CHART,
          '-n',
          version,
          '--create-namespace',
          ...WITHOUT_CRDS,
        ]);
        const filled = await client.must('PATCH', path, { data: { 'ledger.json': '{}' } });
        await helm.run(['upgrade', RELEASE, CHART, '-n', version, ...force]);
        await helm.run(['rollback', RELEASE, '1', '-n', version]);
        assert.deepEqual(await client.must('GET', path), filled);
        await helm.run(['uninstall', ...release]);
        assert.deepEqual(await client.must('GET', path), filled);
      });

      it(`is rendered by ${version} template, on and off, and pruned by no tool`, async () => {
        const helm = await cluster().helm(version);
        for (const { set, count } of RENDERED) {
          const kept = (await render(helm, { set })).filter(isKept);
          assert.equal(kept.length, count);
          for (const { metadata } of kept) {
            assert.deepEqual({ ...metadata.annotations, ...NEVER_PRUNED }, metadata.annotations);
          }
        }
      });
    }

    it('is not pruned by kubectl apply with an ApplySet, whose next manifests are rendered off', async () => {
      const { cp, client } = cluster();
      const helm = await cluster().helm('helm');
      const namespace = 'applyset';
      await cp.kubectl(['create', 'namespace', namespace]);
      const objects = `/api/v1/namespaces/${namespace}`;
      const lease = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/kusk-gateway-manager`;
      async function apply(...set: readonly string[]): Promise<void> {
        const input = await template(helm, { namespace, set: ['crds.install=false', ...set] });
        const applySet = ['--prune', '--applyset=configmaps/kusk-gateway'];
        await cp.kubectl(['apply', '--namespace', namespace, ...applySet, '-f', '-'], { input });
      }

      await apply();
      const path = `${objects}/configmaps/kusk-gateway-ledger`;
      const { metadata } = await client.must('PATCH', path, { data: { 'ledger.json': '{}' } });
      assert.equal((await client.send('GET', lease)).status, 200);
      await apply('analytics.enabled=false');
      const left = await client.must('GET', path);
      assert.equal(left.metadata.uid, metadata.uid);
      assert.deepEqual(left.data, { 'ledger.json': '{}' });
      // It did prune: the Lease is not rendered while telemetry is off.
      assert.equal((await client.send('GET', lease)).status, 404);
    });
  });
}
