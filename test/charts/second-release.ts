import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Cluster } from './cluster.ts';
import { CHART, type HelmVersion, setting, VERSIONS } from './helm.ts';

const NAMESPACE = 'shared';
const FIRST = ['first', '--namespace', NAMESPACE];
const SECOND = ['second', '--namespace', NAMESPACE];
const LEDGER = `/api/v1/namespaces/${NAMESPACE}/configmaps/kusk-gateway-ledger`;

const CASES: readonly { readonly title: string; readonly set: readonly string[] }[] = [
  { title: 'with default values', set: [] },
  { title: 'with telemetry off', set: ['analytics.enabled=false'] },
  { title: 'under a name of its own', set: ['fullnameOverride=edge'] },
  { title: 'with another image', set: ['manager.image.repository=mirror.example/telemetry'] },
];

/** One ledger and one Lease in a namespace are for one release. */
export function secondReleaseSuite(cluster: () => Cluster): void {
  for (const version of VERSIONS) {
    describe(`a second release in a namespace, by ${version}`, () => {
      const helm = async (args: readonly string[], by: HelmVersion = version) =>
        await (await cluster().helm(by)).run(args);

      before(async () => {
        await helm(['install', ...FIRST, CHART, '--create-namespace']);
      });
      after(async () => {
        await cluster().cp.kubectl(['delete', 'namespace', NAMESPACE]);
      });

      for (const { title, set } of CASES) {
        it(`is refused beside one ${title}, naming it`, async () => {
          const { client, cp } = cluster();
          await helm(['upgrade', ...FIRST, CHART, ...setting(set)]);
          const { metadata } = await client.must('GET', LEDGER);
          for (const by of VERSIONS) {
            await assert.rejects(
              helm(['install', ...SECOND, CHART], by),
              /The release first of this chart is in the namespace shared already/,
            );
          }
          assert.deepEqual((await client.must('GET', LEDGER)).metadata, metadata);
          const all = await cp.kubectl(['get', 'all,secrets', '-o', 'name', '-n', NAMESPACE]);
          assert.doesNotMatch(all, /second/);
        });
      }

      it('is installed once the first is gone, on the ledger that it has left', async () => {
        const { client } = cluster();
        await helm(['uninstall', ...FIRST]);
        const { metadata } = await client.must('GET', LEDGER);
        await helm(['install', ...SECOND, CHART]);
        await helm(['upgrade', ...SECOND, CHART]);
        assert.equal((await client.must('GET', LEDGER)).metadata.uid, metadata.uid);
        await helm(['uninstall', ...SECOND]);
      });
    });
  }

  it('a release is refused where its Deployment finds pods by other labels', async () => {
    const { cp } = cluster();
    const helm = await cluster().helm('helm');
    const release = ['kusk-gateway', CHART, '--namespace', 'labels'];
    const names = ['fullnameOverride=kusk-gateway', 'crds.install=false'];
    await helm.run(['install', ...release, '--create-namespace', ...setting(names)]);
    const renamed = helm.run(['upgrade', ...release, ...setting([...names, 'nameOverride=edge'])]);
    await assert.rejects(renamed, /delete deployment kusk-gateway-manager/);
    await helm.run(['uninstall', 'kusk-gateway', '--namespace', 'labels']);
    await cp.kubectl(['delete', 'namespace', 'labels']);
  });
}
