import { MANAGER } from '../../cluster/object-names.ts';
import { inApplyOrder } from './apply-order.ts';
import chart from './chart-objects.json' with { type: 'json' };
import { type Data, dataOf, type KubeObject } from './kube-object.ts';
import { type InstallSettings, namespaceObject, withSettings } from './object-settings.ts';

interface ChartObjects {
  readonly crds: readonly KubeObject[];
  readonly on: readonly KubeObject[];
  readonly off: readonly KubeObject[];
}

/** The release that the chart is rendered as: each object has it in this label. */
export const INSTANCE = 'kusk-gateway-telemetry';
export const INSTANCE_LABEL = 'app.kubernetes.io/instance';
export const VERSION_LABEL = 'app.kubernetes.io/version';

/** Stands for the namespace in the generated file. */
const NAMESPACE = 'KUSK-NAMESPACE';

/**
 * Returns the objects of an installation in the order in which they are applied: those of the chart,
 * and the namespace.
 */
export function installationObjects(settings: InstallSettings): readonly KubeObject[] {
  const { crds, on, off } = chart as unknown as ChartObjects;
  const text = JSON.stringify([...crds, ...(settings.analytics ? on : off)]);
  const rendered = JSON.parse(text.replaceAll(NAMESPACE, settings.namespace)) as KubeObject[];
  const options = { settings, offSwitches: offSwitches() };
  const set = rendered.flatMap((object) => withSettings(object, options) ?? []);
  return inApplyOrder([namespaceObject(settings), ...set]);
}

/** The version of the chart, which the image's tag and a label of each object have. */
export function chartVersion(): string {
  const { on } = chart as unknown as ChartObjects;
  return on[0]?.metadata.labels?.[VERSION_LABEL] ?? '';
}

/** Returns the data of the ConfigMap `kusk-gateway-manager`, which exists while telemetry is off. */
export function offSwitches(): Data {
  const { off } = chart as unknown as ChartObjects;
  const isSwitches = ({ kind, metadata }: KubeObject) =>
    kind === 'ConfigMap' && metadata.name === MANAGER;
  return dataOf(off.find(isSwitches));
}
