import { sha256 } from '../../record/sha256.ts';
import type { Data, KubeObject } from './kube-object.ts';

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

interface KeyRef {
  readonly name: string;
  readonly key: string;
}

/** A variable of a container. */
export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly configMapKeyRef?: KeyRef;
    readonly secretKeyRef?: KeyRef;
    /** A field of the pod, a limit of the container, or whatever comes after. */
    readonly [source: string]: unknown;
  };
}

/** Variables of a container, one for each key of a ConfigMap or Secret. */
interface Variables {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name?: string };
  readonly secretRef?: { readonly name?: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
  readonly envFrom?: readonly Variables[];
}

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly Container[] };
    };
  };
}

export interface SetInOptions {
  readonly settings: InstallSettings;
  /** The data of the ConfigMap `kusk-gateway-manager`, which exists while telemetry is off. */
  readonly offSwitches: Data;
}

/** Returns the namespace of an installation, which the chart leaves to Helm. */
export function namespaceObject({ namespace }: InstallSettings): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
}

/** The kinds that settings change. */
const SET_IN: readonly string[] = ['Secret', 'Deployment'];

/** Returns whether settings change objects of this kind. */
export function isSetIn({ kind }: Pick<KubeObject, 'kind'>): boolean {
  return SET_IN.includes(kind);
}

/** Returns an object of the chart with the settings in it, or `undefined` if it is left out. */
export function withSettings(object: KubeObject, options: SetInOptions): KubeObject | undefined {
  const { writeKey } = options.settings;
  if (object.kind === 'Deployment') return deploymentWith(object as unknown as Deployment, options);
  if (object.kind !== 'Secret') return object;
  return writeKey === undefined ? undefined : { ...object, stringData: { writeKey } };
}

function deploymentWith(deployment: Deployment, options: SetInOptions): KubeObject {
  const { settings } = options;
  const { replicas, template } = deployment.spec;
  const annotations = { ...template.metadata?.annotations, 'checksum/config': checksum(options) };
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

/** As the chart computes it: a change of the configuration is a change of the pods. */
function checksum({ settings, offSwitches }: SetInOptions): string {
  const { analytics, writeKey = null } = settings;
  return sha256(goJson([analytics ? {} : offSwitches, writeKey]));
}

/** JSON as Go writes it. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
