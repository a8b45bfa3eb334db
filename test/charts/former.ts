import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CRDS, RELEASED_ENVOYFLEET } from '../deploy/manifests.ts';
import { eventually } from '../support/eventually.ts';
import type { Cluster } from './cluster.ts';
import { CHART, type Helm, type HelmVersion } from './helm.ts';

const NAMESPACE = 'kusk-system';
const VALUES = join(import.meta.dirname, 'former-values.yaml');
const FORMER_CRD = 'crd/envoyfleet.gateway.kusk.io';
const NEW_CRD = 'crd/envoyfleets.gateway.kusk.io';
const OUR_CRDS = ['apis', 'staticroutes'].map((plural) => `crd/${plural}.gateway.kusk.io`);
const labels = {
  'app.kubernetes.io/name': 'kusk-gateway',
  'app.kubernetes.io/instance': 'kusk-gateway',
};

/** What a release of Kusk Gateway 1.x's chart leaves in a cluster, as far as it meets ours. */
const MANAGER = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'kusk-gateway-manager' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'manager',
              image: 'kubeshop/kusk-gateway:v1.5.0',
              command: ['/manager'],
              envFrom: [{ configMapRef: { name: 'kusk-gateway-manager' } }],
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kusk-gateway-manager' },
    data: { ANALYTICS_ENABLED: 'true', LOG_LEVEL: 'INFO' },
  },
];

/**
 * By which Helm the release was made, and by which it is upgraded. Server-side apply, which Helm 4 goes on
 * with where it was made so, leaves the API server's defaults for rolling updates in place.
 */
const WAYS: readonly {
  readonly from: HelmVersion;
  readonly by: HelmVersion;
  readonly args: readonly string[];
}[] = [
  { from: 'helm3', by: 'helm3', args: [] },
  { from: 'helm3', by: 'helm', args: [] },
  { from: 'helm', by: 'helm', args: ['--server-side=false'] },
];

/** The way over from a release of Kusk Gateway 1.x, in place and with its values file. */
export function formerSuite(cluster: () => Cluster): void {
  for (const { from, by, args } of WAYS) {
    describe(`an upgrade from Kusk Gateway 1.x, made by ${from}, by ${by}`, () => {
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

      const upgrade = () => helm.run(['upgrade', ...release, CHART, '--values', VALUES, ...args]);

      it('is refused as long as it would delete the fleets, saying what to do', async () => {
        await assert.rejects(
          upgrade,
          /kubectl annotate crd envoyfleet\.gateway\.kusk\.io helm\.sh\/resource-policy=keep/,
        );
      });

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
        assert.match(text, /"image":"kusk-gateway-telemetry:/);
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

/** A chart in a folder of its own, with what `MANAGER` has and the three CRDs of old names. */
function formerChart(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-former-'));
  const templates = join(folder, 'templates');
  mkdirSync(templates);
  const manifest = { apiVersion: 'v2', name: 'kusk-gateway', version: '0.0.1', appVersion: '1' };
  writeFileSync(join(folder, 'Chart.yaml'), JSON.stringify(manifest));
  writeFileSync(
    join(templates, 'manager.yaml'),
    MANAGER.map((object) => JSON.stringify(object)).join('\n---\n'),
  );
  for (const plural of ['apis', 'staticroutes']) {
    cpSync(join(CRDS, `gateway.kusk.io_${plural}.yaml`), join(templates, `${plural}.yaml`));
  }
  writeFileSync(join(templates, 'envoyfleet.yaml'), readFileSync(RELEASED_ENVOYFLEET));
  return folder;
}
