import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import type { Cluster } from './cluster.ts';
import { defaultImage } from './default-image.ts';
import { formerChart } from './former-chart.ts';
import { CHART, type Helm, type HelmVersion } from './helm.ts';

const NAMESPACE = 'kusk-system';
const VALUES = join(import.meta.dirname, 'former-values.yaml');
const FORMER_CRD = 'crd/envoyfleet.gateway.kusk.io';
const NEW_CRD = 'crd/envoyfleets.gateway.kusk.io';
const OUR_CRDS = ['apis', 'staticroutes'].map((plural) => `crd/${plural}.gateway.kusk.io`);

/** By which Helm the release was made, and by which it is upgraded. */
export const WAYS: readonly {
  readonly from: HelmVersion;
  readonly by: HelmVersion;
  readonly args: readonly string[];
}[] = [
  { from: 'helm3', by: 'helm3', args: [] },
  { from: 'helm3', by: 'helm', args: [] },
  { from: 'helm', by: 'helm', args: [] },
  { from: 'helm', by: 'helm', args: ['--server-side=false'] },
];

/** The way over from a release of Kusk Gateway 1.x, in place and with its values file. */
export function formerSuite(cluster: () => Cluster): void {
  for (const { from, by, args } of WAYS) {
    const title = [`a release of Kusk Gateway 1.x by ${from}, replaced by ${by}`, ...args].join(
      ' ',
    );
    describe(title, () => {
      const folder = formerChart();
      const release = ['kusk-gateway', '--namespace', NAMESPACE];
      let helm: Helm;

      before(async () => {
        helm = await cluster().helm(by);
        const former = await cluster().helm(from);
        await former.run(['install', ...release, folder, '--create-namespace']);
      });
      after(async () => {
        rmSync(folder, { recursive: true });
        await helm.run(['uninstall', ...release]);
        await cluster().cp.kubectl(['delete', 'namespace', NAMESPACE]);
        await cluster().cp.kubectl([
          'delete',
          '--ignore-not-found',
          FORMER_CRD,
          ...OUR_CRDS,
          NEW_CRD,
        ]);
      });

      const upgrade = (...more: readonly string[]) =>
        helm.run([
          ...['upgrade', ...release, CHART, '--values', VALUES, ...args],
          ...['--set', 'replaceGateway=true', ...more],
        ]);

      it('is refused as long as it would delete the fleets, saying what to do', async () => {
        await assert.rejects(
          upgrade(),
          /kubectl annotate crd envoyfleet\.gateway\.kusk\.io helm\.sh\/resource-policy=keep/,
        );
      });

      it('is refused as long as it would delete any other CRD that it does not make', async () => {
        for (const crd of ['apis', 'staticroutes', 'envoyfleet']) {
          await assert.rejects(
            upgrade('--set', 'crds.install=false'),
            new RegExp(`kubectl annotate crd ${crd}\\.gateway\\.kusk\\.io`),
          );
        }
      });

      if (from === 'helm') {
        it('is refused as long as server-side apply would fail half-way', async () => {
          const { cp } = cluster();
          await assert.rejects(upgrade(), /kubectl --namespace kusk-system patch deployment/);
          const strategy = { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } };
          const patch = ['patch', 'deployment', 'kusk-gateway-manager', '-n', NAMESPACE];
          await cp.kubectl([...patch, '--type=merge', '--patch', JSON.stringify(strategy)]);
        });
      }

      it('goes in place once they are safe, and says what became of old values', async () => {
        const { cp, client } = cluster();
        await cp.kubectl(['annotate', FORMER_CRD, 'helm.sh/resource-policy=keep']);
        const notes = await upgrade();
        assert.match(notes, /manager\.command: without effect here/);
        assert.match(notes, /extraPodLabels: as `podLabels`/);
        assert.match(notes, /kusk-gateway-telemetry is used instead/);
        assert.match(notes, / {2}envoyfleets\.gateway\.kusk\.io/);

        const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/kusk-gateway-manager`;
        const { spec } = await client.must('GET', path);
        const text = JSON.stringify(spec);
        assert.deepEqual(spec?.strategy, { type: 'Recreate' });
        assert.ok(text.includes(`"image":"${defaultImage('kusk-gateway')}:`));
        assert.match(text, /"tier":"edge"/);
        assert.match(text, /"value":"127\.0\.0\.1:8080"/);
        assert.doesNotMatch(text, /"command"|"envFrom"/);
        await cp.kubectl(['get', FORMER_CRD, ...OUR_CRDS]);
      });

      it('makes the new CRD once the old one is gone', async () => {
        const { cp } = cluster();
        await cp.kubectl(['delete', FORMER_CRD]);
        await upgrade();
        await eventually(() => cp.kubectl(['get', 'envoyfleets']));
      });
    });
  }
}
