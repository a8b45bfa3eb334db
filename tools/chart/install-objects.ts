import { join } from 'node:path';
import { ROOT } from '../../lab/support/root.ts';
import type { Artefacts } from './artefacts.ts';
import { type Manifest, manifests, render } from './render.ts';

const PATH = 'src/cli/install/chart-objects.json';
/** Stands for the namespace in the generated file. `src/cli/install/objects.ts` replaces it. */
const NAMESPACE = 'KUSK-NAMESPACE';
/** Everything that a flag can set is rendered. `objects.ts` removes what is not set. */
const SET = ['analytics.endpoint=https://endpoint.invalid', 'analytics.writeKey=WRITE-KEY'];

/**
 * The objects of the chart that `kusk cluster install` applies, with telemetry on and off.
 *
 * The ConfigMap `kusk-gateway-manager` exists only while telemetry is off, as in deploy/: what is not
 * applied cannot overwrite a switch that a person wrote there.
 */
export async function installArtefacts({ helm }: { readonly helm: string }): Promise<Artefacts> {
  const options = { helm, chart: join(ROOT, 'charts/kusk-gateway'), namespace: NAMESPACE };
  const on = manifests(await render({ ...options, crds: true, set: SET }));
  const off = manifests(await render({ ...options, set: [...SET, 'analytics.enabled=false'] }));
  const content = {
    crds: on.filter(isCrd),
    on: on.filter((one) => !isCrd(one) && !isSwitches(one)),
    off,
  };
  return new Map([[PATH, `${JSON.stringify(content)}\n`]]);
}

function isCrd({ kind }: Manifest): boolean {
  return kind === 'CustomResourceDefinition';
}

function isSwitches({ kind, metadata }: Manifest): boolean {
  return kind === 'ConfigMap' && metadata.name === 'kusk-gateway-manager';
}
