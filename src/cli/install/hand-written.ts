import { MANAGER } from '../../cluster/object-names.ts';
import { isOff } from '../../consent/consent.ts';
import { sha256 } from '../../record/sha256.ts';
import {
  type Data,
  dataOf,
  type KubeObject,
  type ManagedFields,
  mountedData,
} from './kube-object.ts';
import { operatorContainer } from './neighbours.ts';
import type { Deployment } from './object-settings.ts';
import { INSTANCE_LABEL } from './objects.ts';
import { isManifest, isOurs } from './takeover.ts';

/**
 * The annotations in which the chart records the hash of each key that it has written.
 *
 * @see charts/kusk-gateway/templates/_consent.tpl
 */
const WROTE = 'telemetry.kusk.io/wrote-';
/** In the manifest, so that it is refused in place of the ConfigMap of Kusk Gateway 1.x. */
const GATEWAYS_KEY = 'ENVOY_CONTROL_PLANE_BIND_ADDR';

/** Returns whether an object is the switches, and a person has written into them. */
export function hasHandWritten(object: KubeObject): boolean {
  return handsIn(object).length > 0;
}

/** Returns the fields of kubectl's manifests that `kusk` can take over: those without a key of a person. */
export function installedManifests(object: KubeObject): readonly ManagedFields[] {
  const hands = handsIn(object);
  const entries = object.metadata.managedFields ?? [];
  return entries.filter((entry) => isManifest(entry) && !hands.includes(entry));
}

function handsIn(object: KubeObject): readonly ManagedFields[] {
  const { kind, metadata } = object;
  if (kind !== 'ConfigMap' || metadata.name !== MANAGER) return [];
  return Object.keys(mountedData(object)).flatMap((key) => handsOn(object, key));
}

/**
 * Returns the switches that an install has written. What a person wrote stays in the ConfigMap, and must not become
 * a setting that outlives it.
 */
export function installedData(switches: KubeObject | undefined): Data {
  if (switches === undefined) return {};
  const own = Object.entries(mountedData(switches));
  return Object.fromEntries(own.filter(([key]) => !isHandWritten(switches, key)));
}

/**
 * Returns an object as it is applied over the live one: what a person wrote into the switches stays as it
 * is, and so does the spelling of an off in the Deployment. The strictest of all switches wins.
 */
export function keepHandWritten(object: KubeObject, live: KubeObject | undefined): KubeObject {
  if (live === undefined) return object;
  if (object.kind === 'Deployment') return withOffOf(live, object as Deployment);
  if (object.kind !== 'ConfigMap') return object;
  const isOwn = (key: string) => !isHandWritten(live, key);
  const { annotations = {} } = object.metadata;
  const data = Object.entries(dataOf(object)).filter(([key]) => isOwn(key));
  const marks = Object.entries(annotations).filter(([name]) => isOwn(name.replace(WROTE, '')));
  return {
    ...object,
    metadata: { ...object.metadata, annotations: Object.fromEntries(marks) },
    data: Object.fromEntries(data),
  };
}

function isHandWritten(switches: KubeObject, key: string): boolean {
  return handsOn(switches, key).length > 0;
}

/**
 * Returns the managers other than `kusk` that have a key of the switches. A manifest of an installation that
 * kubectl applied has its label too: its keys are a person's only if they were changed.
 */
function handsOn(switches: KubeObject, key: string): readonly ManagedFields[] {
  const isAsRendered = isRendered(switches, key);
  const owners = (switches.metadata.managedFields ?? []).filter((entry) => hasKey(entry, key));
  return owners.filter((entry) => !isOurs(entry) && !(isAsRendered && hasLabel(entry)));
}

function isRendered(switches: KubeObject, key: string): boolean {
  if (key === GATEWAYS_KEY) return true;
  const mark = switches.metadata.annotations?.[`${WROTE}${key}`];
  return mark === sha256(mountedData(switches)[key] ?? '').slice(0, 16);
}

function hasKey({ fieldsV1 }: ManagedFields, key: string): boolean {
  return ['f:data', 'f:binaryData'].some((field) => fieldsV1?.[field]?.[`f:${key}`] !== undefined);
}

function hasLabel({ fieldsV1 }: ManagedFields): boolean {
  return fieldsV1?.['f:metadata']?.['f:labels']?.[`f:${INSTANCE_LABEL}`] !== undefined;
}

function withOffOf(live: KubeObject, deployment: Deployment): KubeObject {
  const name = 'ANALYTICS_ENABLED';
  const value = operatorContainer(live)?.env?.find((one) => one.name === name)?.value;
  if (value === undefined || !isOff(value)) return deployment;
  const { template } = deployment.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    env: container.env?.map((one) => (one.name === name ? { ...one, value } : one)),
  }));
  const spec = { ...template.spec, containers };
  return { ...deployment, spec: { ...deployment.spec, template: { ...template, spec } } };
}
