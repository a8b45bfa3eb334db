import { KINDS, type Kind } from '../event.ts';
import type { KubeRequest } from './connect.ts';
import { hasStatus, MalformedResponseError } from './errors.ts';
import { jsonOf } from './response-body.ts';

const GROUP = '/apis/gateway.kusk.io';

/** The paths of the kinds that exist in a cluster at present. */
export type KindPaths = ReadonlyMap<Kind, string>;

/**
 * Returns a function that finds out which of our kinds the API server serves, in which version
 * (the group's preferred one first) and under which plural, which differs among the released CRDs
 * (`envoyfleet`, `envoyfleets`). Concurrent calls share one request.
 */
export function discovery({ request }: { readonly request: KubeRequest }) {
  let inFlight: Promise<KindPaths> | undefined;

  return function discover(signal: AbortSignal): Promise<KindPaths> {
    inFlight ??= readPaths(request, signal).finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  };
}

export type Discover = ReturnType<typeof discovery>;

async function readPaths(request: KubeRequest, signal: AbortSignal): Promise<KindPaths> {
  const paths = new Map<Kind, string>();
  for (const version of versionsIn(await readDocument(GROUP, request, signal))) {
    if (paths.size === KINDS.length) break;
    const path = `${GROUP}/${version}`;
    const found = pathsIn(path, await readDocument(path, request, signal));
    for (const [kind, kindPath] of found) if (!paths.has(kind)) paths.set(kind, kindPath);
  }
  return paths;
}

/** Returns `undefined` for a 404: without CRDs the group does not exist. */
async function readDocument(
  path: string,
  request: KubeRequest,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    const { body } = await request(path, { signal });
    return (await jsonOf(body)) ?? {};
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

interface ApiGroup {
  readonly versions?: unknown;
  readonly preferredVersion?: { readonly version?: unknown };
}

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/#discovery-api */
function versionsIn(group: unknown): readonly string[] {
  if (group === undefined) return [];
  const { versions, preferredVersion } = group as ApiGroup;
  if (!Array.isArray(versions)) throw new MalformedResponseError('sent a group without versions');
  const served = versions as readonly { readonly version?: unknown }[];
  const names = [preferredVersion, ...served].map((served) => served?.version).filter(isName);
  return [...new Set(names)];
}

interface ApiResource {
  readonly kind?: unknown;
  readonly name?: unknown;
}

function pathsIn(path: string, list: unknown): readonly (readonly [Kind, string])[] {
  if (list === undefined) return [];
  const { resources } = list as { readonly resources?: unknown };
  if (!Array.isArray(resources))
    throw new MalformedResponseError('sent a discovery without resources');
  const found = resources as readonly ApiResource[];
  return KINDS.flatMap((kind) => {
    const names = found.filter((resource) => resource?.kind === kind).map(({ name }) => name);
    // A subresource has a slash in its name.
    const name = names.find(isName);
    return name === undefined ? [] : [[kind, `${path}/${name}`] as const];
  });
}

/** Returns whether a value is the name of a version or a resource. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9-]+$/.test(value);
}
