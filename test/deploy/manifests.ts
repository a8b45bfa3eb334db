import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { load } from 'js-yaml';

export const CRDS = resolve(import.meta.dirname, '../../deploy/crds');
export const SAMPLES = resolve(import.meta.dirname, '../../deploy/samples');
export const RIGHTS = resolve(import.meta.dirname, '../../deploy/rbac.yaml');
export const RELEASED_ENVOYFLEET = join(import.meta.dirname, 'envoyfleet-released.yaml');
/** Manifests in the shapes of Kusk Gateway 1.x, of our own words. */
export const MANIFESTS = join(import.meta.dirname, 'manifests');

const FILES = ['api.yaml', 'staticroute.yaml', 'envoyfleet.yaml'];

export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

export interface Manifest {
  /** The comment that the document starts with. */
  readonly title: string;
  readonly object: KubernetesObject;
}

/** Reads each document of `MANIFESTS`, in the order in which it stands there. */
export function readManifests(): readonly Manifest[] {
  return FILES.flatMap((file) => {
    const text = readFileSync(join(MANIFESTS, file), 'utf8');
    return text.split(/^---$/m).map(readManifest);
  });
}

function readManifest(text: string): Manifest {
  const title = /^# (.+)$/m.exec(text)?.[1] ?? text;
  return { title, object: load(text) as KubernetesObject };
}

/** `kind/name`, by which an object that was sent is found among those that were read. */
export function keyOf({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.name}`;
}

/** Leaves out what is null, at every depth: to Kubernetes that is the same as not being there. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const kept = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(kept.map(([key, field]) => [key, withoutNulls(field)]));
}
