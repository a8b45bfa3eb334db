import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from './kube-object.ts';

/** A field that is not the same in two objects. */
export interface Difference {
  /** `spec.template.spec.containers[manager].image`. */
  readonly path: string;
  /** `undefined` if it is not there. */
  readonly from: unknown;
  readonly to: unknown;
}

/** The API server writes them. */
const SERVERS_OWN = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp'];
const SECRET = '(hidden)';

/** Returns the fields in which two versions of an object differ. Contents of Secrets are hidden. */
export function differences(from: KubeObject, to: KubeObject): readonly Difference[] {
  const found = compare(comparable(from), comparable(to), '');
  if (from.kind !== 'Secret') return found;
  return found.map((difference) =>
    /^(data|stringData)/.test(difference.path)
      ? { ...difference, from: hidden(difference.from), to: hidden(difference.to) }
      : difference,
  );
}

function hidden(value: unknown): unknown {
  return value === undefined ? undefined : SECRET;
}

function comparable({ metadata, status: _status, ...rest }: KubeObject): unknown {
  const kept = Object.entries(metadata).filter(([name]) => !SERVERS_OWN.includes(name));
  return { ...rest, metadata: Object.fromEntries(kept) };
}

function compare(from: unknown, to: unknown, path: string): readonly Difference[] {
  if (isDeepStrictEqual(from, to)) return [];
  const [before, after] = [membersOf(from), membersOf(to)];
  if (before === undefined || after === undefined)
    return [{ path: path.replace(/^\./, ''), from, to }];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name) => compare(before.get(name), after.get(name), path + name));
}

/** Returns the members of a mapping or a list by how a path continues; `undefined` for a value. */
function membersOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    return new Map(value.map((item, index) => [`[${nameOf(item) ?? index}]`, item]));
  }
  return new Map(Object.entries(value).map(([name, item]) => [segment(name), item]));
}

/** Kubernetes identifies the members of most of its lists by their name. */
function nameOf(item: unknown): string | undefined {
  const name = (item as { readonly name?: unknown } | null)?.name;
  return typeof name === 'string' ? name : undefined;
}

function segment(name: string): string {
  return /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
