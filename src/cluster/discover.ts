import { KINDS, type Kind } from '../event.ts';
import type { Time } from '../runtime/time.ts';
import type { KubeRequest } from './connect.ts';
import { hasStatus, MalformedResponseError } from './errors.ts';
import { jsonOf } from './response-body.ts';
import { sentAt } from './server-clock.ts';

const GROUP = '/apis/gateway.kusk.io';

/** What an API server serves of our kinds. */
export interface Discovered {
  /** The path of each kind that exists. */
  readonly paths: ReadonlyMap<Kind, string>;
  /** When the server said so, by its clock, in whole seconds since the epoch. */
  readonly at: number;
}

export interface DiscoveryOptions {
  readonly request: KubeRequest;
  readonly time: Pick<Time, 'now'>;
}

/**
 * Returns a function that finds out which of our kinds the API server serves, in which version
 * (the group's preferred one first) and under which plural, which differs among the released CRDs
 * (`envoyfleet`, `envoyfleets`). Concurrent calls share one request.
 */
export function discovery(options: DiscoveryOptions) {
  let inFlight: Promise<Discovered> | undefined;

  return function discover(signal: AbortSignal): Promise<Discovered> {
    inFlight ??= readPaths(options, signal).finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  };
}

export type Discover = ReturnType<typeof discovery>;

async function readPaths(options: DiscoveryOptions, signal: AbortSignal): Promise<Discovered> {
  const paths = new Map<Kind, string>();
  const group = await readDocument(GROUP, options, signal);
  let { at } = group;
  for (const version of versionsIn(group.document)) {
    if (paths.size === KINDS.length) break;
    const path = `${GROUP}/${version}`;
    const served = await readDocument(path, options, signal);
    at = served.at;
    const found = pathsIn(path, served.document);
    for (const [kind, kindPath] of found) if (!paths.has(kind)) paths.set(kind, kindPath);
  }
  return { paths, at };
}

interface ReadDocument {
  readonly document: unknown;
  /** When the server sent it. */
  readonly at: number;
}

/** Returns no document for a 404: without CRDs the group does not exist. */
async function readDocument(
  path: string,
  { request, time }: DiscoveryOptions,
  signal: AbortSignal,
): Promise<ReadDocument> {
  try {
    const { headers, body } = await request(path, { signal });
    return { document: (await jsonOf(body)) ?? {}, at: sentAt(headers.date, time) };
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
    return { document: undefined, at: sentAt(error.date, time) };
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
