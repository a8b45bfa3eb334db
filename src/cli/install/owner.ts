import { safeText } from '../output/safe-text.ts';
import type { KubeObject, ObjectMetadata } from './kube-object.ts';

/** Who keeps an object as it is. */
export type Owner =
  | { readonly by: 'Helm'; readonly release: string; readonly namespace: string }
  /** Helm's chart, of which no release is named: a tool has rendered it. */
  | { readonly by: 'a Helm chart'; readonly namespace: string }
  | { readonly by: 'Argo CD'; readonly application: string }
  | {
      readonly by: 'Flux';
      readonly resource: 'kustomization' | 'helmrelease';
      readonly name: string;
      readonly namespace: string;
    }
  | { readonly by: 'kusk' }
  | { readonly by: 'kubectl' }
  /** Another program, by the name under which it manages fields. `undefined` if none is recorded. */
  | { readonly by: 'another program'; readonly manager: string | undefined };

/** The field manager of `kusk`. */
export const FIELD_MANAGER = 'kusk';
const RELEASE_NAME = 'meta.helm.sh/release-name';
/** They write parts of everybody's objects. */
const CONTROLLERS = /^(kube-|kusk-gateway|deployment-controller|clusterrole-aggregation)/;

/**
 * Returns the owner of an object: a tool that leaves its mark in labels or annotations, else the
 * program that wrote its fields.
 *
 * @see https://helm.sh/docs/chart_best_practices/labels/
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/
 */
export function ownerOf({ metadata }: Pick<KubeObject, 'metadata'>): Owner {
  return fluxOf(metadata) ?? argoOf(metadata) ?? helmOf(metadata) ?? managerOf(metadata);
}

/** Returns whether a tool would bring the object back to what it was, or miss it. */
export function isToolsOwn(owner: Owner): boolean {
  return !['kusk', 'kubectl'].includes(owner.by);
}

/** Returns a text as one word of a shell's command line: an annotation may hold anything. */
export function shellWord(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${safeText(text).replaceAll("'", "'\\''")}'`;
}

/** `Helm release kusk-gateway`. */
export function ownerText(owner: Owner): string {
  switch (owner.by) {
    case 'Helm':
      return safeText(`Helm release ${owner.release}`);
    case 'Argo CD':
      return safeText(`Argo CD application ${owner.application}`);
    case 'Flux':
      return safeText(`Flux ${owner.resource} ${owner.namespace}/${owner.name}`);
    case 'another program':
      return safeText(owner.manager ?? 'a program that is not recorded');
    default:
      return owner.by;
  }
}

function fluxOf({ labels = {} }: ObjectMetadata): Owner | undefined {
  for (const resource of ['kustomization', 'helmrelease'] as const) {
    const prefix = `${resource === 'kustomization' ? 'kustomize' : 'helm'}.toolkit.fluxcd.io`;
    const name = labels[`${prefix}/name`];
    if (name !== undefined)
      return { by: 'Flux', resource, name, namespace: labels[`${prefix}/namespace`] ?? '' };
  }
  return undefined;
}

function argoOf(metadata: ObjectMetadata): Owner | undefined {
  const { labels = {}, annotations = {} } = metadata;
  const tracked = annotations['argocd.argoproj.io/tracking-id']?.split(':')[0];
  // Before version 3, its only mark is a label that others have too.
  const isByArgo =
    annotations[RELEASE_NAME] === undefined &&
    managersOf(metadata).some((manager) => manager.startsWith('argocd'));
  const application =
    tracked ??
    labels['argocd.argoproj.io/instance'] ??
    (isByArgo ? labels['app.kubernetes.io/instance'] : undefined);
  return application === undefined ? undefined : { by: 'Argo CD', application };
}

function helmOf({ labels = {}, annotations = {}, namespace }: ObjectMetadata): Owner | undefined {
  const release = annotations[RELEASE_NAME];
  const releaseNamespace = annotations['meta.helm.sh/release-namespace'] ?? namespace ?? '';
  if (release !== undefined) return { by: 'Helm', release, namespace: releaseNamespace };
  const isRendered = labels['app.kubernetes.io/managed-by'] === 'Helm';
  return isRendered ? { by: 'a Helm chart', namespace: releaseNamespace } : undefined;
}

function managersOf({ managedFields = [] }: ObjectMetadata): readonly string[] {
  return managedFields
    .filter(({ subresource }) => subresource === undefined)
    .map(({ manager = '' }) => manager);
}

function managerOf(metadata: ObjectMetadata): Owner {
  const managers = managersOf(metadata);
  if (managers.includes(FIELD_MANAGER)) return { by: 'kusk' };
  if (managers.some((manager) => manager.startsWith('kubectl'))) return { by: 'kubectl' };
  const manager = managers.find((name) => name !== '' && !CONTROLLERS.test(name));
  return { by: 'another program', manager };
}
