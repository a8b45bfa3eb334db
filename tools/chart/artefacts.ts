import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../lab/support/root.ts';
import { defaultsText } from './defaults.ts';
import { readFormer } from './former.ts';
import { readmeWithTables } from './readme.ts';
import { apart, patches, render } from './render.ts';
import { schemaText } from './schema.ts';
import { readValues } from './values.ts';

const CHART = join(ROOT, 'charts/kusk-gateway');
const CRDS = 'deploy/crds';
const NAMESPACE = 'kusk-system';
/**
 * With it, telemetry is switched off by hand. While telemetry is on it is not among the plain manifests:
 * what they lack they can't overwrite, nor one that Kusk Gateway 1.x has left.
 */
const SWITCHES = `ConfigMap/${NAMESPACE}/kusk-gateway-manager`;
const OFF = 'deploy/overlays/analytics-off';
const MADE = '# Made from charts/kusk-gateway by `npm run fix`. Do not edit.\n';

/** The text of a file that is made from others, by its path in the checkout. */
export type Artefacts = ReadonlyMap<string, string>;

/** What is made from the chart's values and from the CRDs, and is itself a part of the chart. */
export async function chartArtefacts(): Promise<Artefacts> {
  const values = readValues(await inChart('values.yaml'));
  const former = readFormer(await inChart('files/former-values.yaml'));
  const names = (await readdir(join(ROOT, CRDS))).filter((name) => name.endsWith('.yaml'));
  const crds = await Promise.all(names.map(crdInChart));
  const made = [
    ['files/defaults.json', defaultsText(values)],
    ['values.schema.json', schemaText(values, { former })],
    ['README.md', readmeWithTables(await inChart('README.md'), { values, former })],
    ['Chart.yaml', await withVersion(await inChart('Chart.yaml'))],
    ...crds,
  ] as const;
  return new Map(made.map(([path, text]) => [`charts/kusk-gateway/${path}`, text]));
}

async function crdInChart(name: string): Promise<readonly [string, string]> {
  return [`files/crds/${name}`, await readFile(join(ROOT, CRDS, name), 'utf8')];
}

/** Plain manifests, rendered from the chart as it stands on disk. */
export async function deployArtefacts({ helm }: { readonly helm: string }): Promise<Artefacts> {
  const options = { helm, chart: CHART, namespace: NAMESPACE };
  const on = apart(await render(options), SWITCHES);
  const off = apart(await render({ ...options, set: ['analytics.enabled=false'] }), SWITCHES);
  const { changes, deletions } = patches(on.rest, off.rest);
  return new Map([
    ['deploy/operator/operator.yaml', MADE + on.rest],
    [`${OFF}/operator.yaml`, MADE + changes],
    ...deletions.map(
      ({ kind, text }) => [`${OFF}/delete-${kind.toLowerCase()}.yaml`, MADE + text] as const,
    ),
    [`${OFF}/configmap.yaml`, MADE + off.one],
  ]);
}

async function inChart(path: string): Promise<string> {
  return await readFile(join(CHART, path), 'utf8');
}

/** The chart's version, and the image's, are the package's. */
async function withVersion(chart: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const { version } = manifest as { readonly version: string };
  return chart
    .replace(/^version: .*$/m, `version: ${version}`)
    .replace(/^appVersion: .*$/m, `appVersion: "${version}"`);
}
