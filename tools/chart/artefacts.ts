import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ROOT } from '../../lab/support/root.ts';
import { chartYaml } from './chart-yaml.ts';
import { defaultsText } from './defaults.ts';
import { type FormerValue, readFormer } from './former.ts';
import { readmeWithTables } from './readme.ts';
import { apart, patches, render } from './render.ts';
import { schemaText } from './schema.ts';
import { readValues } from './values.ts';

const GATEWAY = 'charts/kusk-gateway';
const COLLECTOR = 'charts/kusk-collector';
const SHARED = 'templates/_shared.tpl';
const CRDS = 'deploy/crds';
const NAMESPACE = 'kusk-system';
/**
 * With it, telemetry is switched off by hand. While telemetry is on it is not among the plain manifests:
 * what they lack they can't overwrite, nor one that Kusk Gateway 1.x has left.
 */
const SWITCHES = `ConfigMap/${NAMESPACE}/kusk-gateway-manager`;
const OFF = 'deploy/overlays/analytics-off';
const MADE = '# Made from charts/kusk-gateway by `npm run fix`. Do not edit.\n';

const SHARED_NOTE = '{{/* Made from charts/kusk-gateway by `npm run fix`. Do not edit. */}}\n\n';

/** The text of a file that is made from others, by its path in the checkout. */
export type Artefacts = ReadonlyMap<string, string>;

/** What is made from the charts' values and from the CRDs, and is itself a part of the charts. */
export async function chartArtefacts(): Promise<Artefacts> {
  const former = readFormer(await read(GATEWAY, 'files/former-values.yaml'));
  const shared = (await read(GATEWAY, SHARED)).replaceAll('kusk-gateway.', 'kusk-collector.');
  return new Map([
    ...(await madeFromValues(GATEWAY, former)),
    ...(await crdsOfChart()),
    ...(await madeFromValues(COLLECTOR, [])),
    [`${COLLECTOR}/${SHARED}`, SHARED_NOTE + shared.replace(/^\{\{\/\*\n.*?\*\/\}\}\n\n/s, '')],
  ]);
}

async function madeFromValues(
  chart: string,
  former: readonly FormerValue[],
): Promise<readonly (readonly [string, string])[]> {
  const values = readValues(await read(chart, 'values.yaml'));
  const title = `Values of ${basename(chart)}`;
  const { version } = JSON.parse(await read('.', 'package.json')) as { readonly version: string };
  const icon = await read(chart, 'icon.svg');
  const made = [
    ['files/defaults.json', defaultsText(values)],
    ['values.schema.json', schemaText(values, { title, former })],
    ['README.md', readmeWithTables(await read(chart, 'README.md'), { values, former })],
    ['Chart.yaml', chartYaml(await read(chart, 'Chart.yaml'), { version, icon })],
  ] as const;
  return made.map(([path, text]) => [`${chart}/${path}`, text]);
}

async function crdsOfChart(): Promise<readonly (readonly [string, string])[]> {
  const names = (await readdir(join(ROOT, CRDS))).filter((name) => name.endsWith('.yaml'));
  return await Promise.all(
    names.map(async (name) => [`${GATEWAY}/files/crds/${name}`, await read(CRDS, name)] as const),
  );
}

/** Plain manifests, rendered from the chart as it stands on disk. */
export async function deployArtefacts({ helm }: { readonly helm: string }): Promise<Artefacts> {
  const options = { helm, chart: join(ROOT, GATEWAY), namespace: NAMESPACE };
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

async function read(folder: string, path: string): Promise<string> {
  return await readFile(join(ROOT, folder, path), 'utf8');
}
