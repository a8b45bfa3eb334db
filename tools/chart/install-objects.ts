import { join } from 'node:path';
import { ROOT } from '../../lab/support/root.ts';
import { inApplyOrder } from '../../src/cli/install/apply-order.ts';
import type { KubeObject } from '../../src/cli/install/kube-object.ts';
import { isSetIn } from '../../src/cli/install/object-settings.ts';
import { yamlText } from '../../src/cli/output/documents.ts';
import { MANAGER } from '../../src/cluster/object-names.ts';
import type { Artefacts } from './artefacts.ts';
import { type Manifest, manifests, render } from './render.ts';

const FOLDER = 'src/cli/install';
/** Stands for the namespace in `chart-objects.json`. `objects.ts` replaces it. */
const NAMESPACE = 'KUSK-NAMESPACE';
/** Stands for it in `export-objects.json`, always in quotes. `export.ts` replaces it. */
const QUOTED_NAMESPACE = '<NAMESPACE>';
/** Everything that a flag can set is rendered. `object-settings.ts` removes what is not set. */
const SET = ['analytics.endpoint=https://endpoint.invalid', 'analytics.writeKey=WRITE-KEY'];

/**
 * The objects of the chart that `kusk cluster install` applies, with telemetry on and off.
 *
 * The ConfigMap `kusk-gateway-manager` exists only while telemetry is off, as in deploy/: what is not
 * applied cannot overwrite a switch that a person wrote there.
 */
export async function installArtefacts({ helm }: { readonly helm: string }): Promise<Artefacts> {
  const options = { helm, chart: join(ROOT, 'charts/kusk-gateway'), namespace: NAMESPACE };
  const rendered = manifests(await render({ ...options, crds: true, set: SET }));
  const crds = rendered.filter(isCrd);
  const on = rendered.filter((one) => !isCrd(one) && !isSwitches(one));
  const off = manifests(await render({ ...options, set: [...SET, 'analytics.enabled=false'] }));
  const exported = {
    crds: documents(crds),
    on: pieces(on),
    off: pieces(off),
    offSwitches: (off.find(isSwitches) as KubeObject | undefined)?.data,
  };
  return new Map([
    [`${FOLDER}/chart-objects.json`, `${JSON.stringify({ crds, on, off })}\n`],
    [`${FOLDER}/export-objects.json`, `${JSON.stringify(exported)}\n`],
  ]);
}

function isCrd({ kind }: Manifest): boolean {
  return kind === 'CustomResourceDefinition';
}

function isSwitches({ kind, metadata }: Manifest): boolean {
  return kind === 'ConfigMap' && metadata.name === MANAGER;
}

/** Returns the objects in the order in which they are applied, as YAML if no setting changes them. */
function pieces(objects: readonly Manifest[]): readonly (string | Manifest)[] {
  const text = JSON.stringify(inApplyOrder(objects)).replaceAll(NAMESPACE, QUOTED_NAMESPACE);
  const all = JSON.parse(text) as readonly Manifest[];
  return all.map((object) => (isSetIn(object) ? object : documents([object])));
}

function documents(objects: readonly Manifest[]): string {
  return objects.map((object) => `---\n${yamlText(object)}`).join('');
}
