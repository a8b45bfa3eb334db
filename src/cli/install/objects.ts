import { createHash } from 'node:crypto';
import chart from './chart-objects.json' with { type: 'json' };
import type { KubeObject } from './kube-object.ts';

/** What the flags of `kusk cluster install` set. All else is the chart's default. */
export interface InstallSettings {
  readonly namespace: string;
  /** Whether telemetry is on. */
  readonly analytics: boolean;
  /** The image in full; absent is the chart's. */
  readonly image?: string | undefined;
  readonly replicas?: number | undefined;
  /** Where events go; absent is Segment. */
  readonly endpoint?: string | undefined;
  /** Absent is the image's own. */
  readonly writeKey?: string | undefined;
}

interface ChartObjects {
  readonly crds: readonly KubeObject[];
  readonly on: readonly KubeObject[];
  readonly off: readonly KubeObject[];
}

export const LEDGER = 'kusk-gateway-ledger';
export const MANAGER = 'kusk-gateway-manager';
export const WRITE_KEY_SECRET = 'kusk-gateway-write-key';
/** The release that the chart is rendered as: each object has it in this label. */
export const INSTANCE = 'kusk-gateway-telemetry';
export const INSTANCE_LABEL = 'app.kubernetes.io/instance';
export const VERSION_LABEL = 'app.kubernetes.io/version';

/** Stands for the namespace in the generated file. */
const NAMESPACE = 'KUSK-NAMESPACE';
/** The Deployment is last: its pods find everything else. */
const ORDER = ['Namespace', 'CustomResourceDefinition', 'ServiceAccount', 'ConfigMap', 'Secret'];
const LAST = 'Deployment';

/**
 * Returns the objects of an installation in the order in which they are applied: those of the chart,
 * and the namespace.
 */
export function installationObjects(settings: InstallSettings): readonly KubeObject[] {
  const { crds, on, off } = chart as unknown as ChartObjects;
  const text = JSON.stringify([...crds, ...(settings.analytics ? on : off)]);
  const rendered = JSON.parse(text.replaceAll(NAMESPACE, settings.namespace)) as KubeObject[];
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: settings.namespace } };
  return [namespace, ...rendered]
    .filter(({ kind }) => kind !== 'Secret' || settings.writeKey !== undefined)
    .map((object) => withSettings(object, settings))
    .sort((one, other) => rank(one) - rank(other));
}

/** The version of the chart, which the image's tag and a label of each object have. */
export function chartVersion(): string {
  const { on } = chart as unknown as ChartObjects;
  return on[0]?.metadata.labels?.[VERSION_LABEL] ?? '';
}

function rank({ kind }: KubeObject): number {
  const place = ORDER.indexOf(kind);
  if (place >= 0) return place;
  return kind === LAST ? ORDER.length + 1 : ORDER.length;
}

function withSettings(object: KubeObject, settings: InstallSettings): KubeObject {
  if (object.kind === 'Secret') return { ...object, stringData: { writeKey: settings.writeKey } };
  if (object.kind === LAST) return deploymentWith(object as unknown as Deployment, settings);
  return object;
}

/** A variable of a container. */
export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
}

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly Container[] };
    };
  };
}

function deploymentWith(deployment: Deployment, settings: InstallSettings): KubeObject {
  const { replicas, template } = deployment.spec;
  const annotations = { ...template.metadata?.annotations, 'checksum/config': checksum(settings) };
  const containers = template.spec.containers.map((container) => ({
    ...container,
    image: settings.image ?? container.image,
    env: (container.env ?? []).flatMap((variable) => withValue(variable, settings)),
  }));
  return {
    ...deployment,
    spec: {
      ...deployment.spec,
      replicas: settings.replicas ?? replicas,
      template: {
        ...template,
        metadata: { ...template.metadata, annotations },
        spec: { ...template.spec, containers },
      },
    },
  };
}

function withValue(variable: Variable, settings: InstallSettings): readonly Variable[] {
  const { endpoint, writeKey } = settings;
  if (variable.name === 'ANALYTICS_WRITE_KEY') return writeKey === undefined ? [] : [variable];
  if (variable.name !== 'ANALYTICS_ENDPOINT') return [variable];
  return endpoint === undefined ? [] : [{ ...variable, value: endpoint }];
}

/** Returns the data of the ConfigMap `kusk-gateway-manager`, which exists while telemetry is off. */
export function offSwitches(): Readonly<Record<string, string | undefined>> {
  const { off } = chart as unknown as ChartObjects;
  const isSwitches = ({ kind, metadata }: KubeObject) =>
    kind === 'ConfigMap' && metadata.name === MANAGER;
  return (off.find(isSwitches)?.data ?? {}) as Readonly<Record<string, string>>;
}

/** As the chart computes it: a change of the configuration is a change of the pods. */
function checksum({
  analytics,
  writeKey = null,
}: Omit<InstallSettings, 'writeKey'> & {
  readonly writeKey?: string | null | undefined;
}): string {
  return createHash('sha256')
    .update(goJson([analytics ? {} : offSwitches(), writeKey]))
    .digest('hex');
}

/** JSON as Go writes it. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
