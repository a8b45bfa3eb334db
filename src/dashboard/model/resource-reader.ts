import { jsonScanner } from '../../cluster/json-scanner.ts';
import { array, object, scalar, strictScalar } from '../../cluster/json-shape.ts';
import { jsonListReader, readListInto } from '../../cluster/list-body.ts';
import { sightingOf } from '../../cluster/metadata.ts';
import type { ObjectReader } from '../../cluster/object-reader.ts';
import type { Kind, Sighting } from '../../event.ts';
import { servedBy } from './openapi.ts';

/** A custom resource as it was seen, reduced to a row of the page. */
export interface SeenResource extends Sighting {
  readonly name: string;
  readonly namespace: string;
  readonly fleet: string | undefined;
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  /** How many hosts and paths were left out. */
  readonly omitted: number;
}

const JSON_TYPE = 'application/json';
/** The largest OpenAPI document that is looked at, in bytes. */
const DOCUMENT_LIMIT = 1_048_576;
/** How many hosts, and how many paths, a row has. */
const ITEMS = 20;
/** The longest host, path and name, in characters. */
const LONGEST = { host: 253, path: 200, name: 253 } as const;

const RESOURCE = {
  metadata: object({
    uid: scalar,
    name: scalar,
    namespace: scalar,
    creationTimestamp: scalar,
    resourceVersion: scalar,
  }),
  spec: object({
    fleet: object({ name: scalar, namespace: scalar }),
    hosts: array(scalar),
    spec: scalar,
  }),
};
const LIST = object({
  metadata: object({ resourceVersion: scalar, continue: strictScalar }),
  items: array(object(RESOURCE)),
});
const EVENT = object({
  type: scalar,
  object: object({
    ...RESOURCE,
    code: scalar,
    reason: scalar,
    message: scalar,
    details: object({ retryAfterSeconds: scalar }),
  }),
});

/**
 * Requests whole objects, because the fleet and the hosts are in their specs, and keeps what a row has.
 * Annotations are never decoded.
 */
export const resourceReader: ObjectReader<SeenResource> = {
  listAccept: JSON_TYPE,
  watchAccept: JSON_TYPE,
  readsChanges: true,
  readList({ body }, onObject) {
    const hosts = hostCollector();
    const reader = jsonListReader({
      shape: LIST,
      scalarLimit: DOCUMENT_LIMIT,
      onElement(element) {
        if (typeof element === 'string') hosts.add(element);
        if (isObject(element)) onObject({ object: element, hosts: hosts.take() });
      },
    });
    return readListInto(body, reader);
  },
  watchScanner(onEvent) {
    const hosts = hostCollector();
    return jsonScanner({
      shape: EVENT,
      scalarLimit: DOCUMENT_LIMIT,
      onElement(element) {
        if (typeof element === 'string') hosts.add(element);
      },
      onValue(event) {
        onEvent(withHosts(event, hosts.take()));
      },
    });
  },
  itemOf: resourceOf,
};

/** A host may be a number, `null` or anything else that is no text. */
function isObject(element: unknown): boolean {
  return typeof element === 'object' && element !== null;
}

interface Hosts {
  readonly first: readonly string[];
  readonly omitted: number;
}

/** The elements of an array come before the object that holds them. */
function hostCollector() {
  let first: string[] = [];
  let count = 0;
  return {
    add(host: string): void {
      count += 1;
      if (count <= ITEMS) first.push(host.slice(0, LONGEST.host));
    },
    take(): Hosts {
      const taken = { first, omitted: Math.max(0, count - ITEMS) };
      [first, count] = [[], 0];
      return taken;
    },
  };
}

interface Found {
  readonly object: unknown;
  readonly hosts: Hosts;
}

/** Wraps the object of an event as the list wraps each of its objects. */
function withHosts(event: unknown, hosts: Hosts): unknown {
  const { type, object } = (event ?? {}) as { readonly type?: unknown; readonly object?: unknown };
  if (type === 'ERROR' || type === 'BOOKMARK') return event;
  return { type, object: { object, hosts } satisfies Found };
}

interface Fields {
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
  readonly spec?: {
    readonly fleet?: { readonly name?: unknown; readonly namespace?: unknown };
    readonly spec?: unknown;
  };
}

function resourceOf(kind: Kind, found: unknown, seenAt: number): SeenResource {
  const { object: seen, hosts } = found as Found;
  const sighting = sightingOf(kind, seen, seenAt);
  const { metadata, spec } = seen as Fields;
  const served = servedBy(typeof spec?.spec === 'string' ? spec.spec : '');
  const allHosts = [...hosts.first, ...served.hosts];
  return copied({
    ...sighting,
    name: text(metadata?.name) ?? '',
    namespace: text(metadata?.namespace) ?? '',
    fleet: fleetOf(spec?.fleet),
    hosts: shortened(allHosts, LONGEST.host),
    paths: shortened(served.paths, LONGEST.path),
    omitted: hosts.omitted + beyond(allHosts) + beyond(served.paths),
  });
}

function fleetOf(fleet: NonNullable<Fields['spec']>['fleet']): string | undefined {
  const [namespace, name] = [text(fleet?.namespace), text(fleet?.name)];
  return name === undefined || namespace === undefined ? name : `${namespace}/${name}`;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST.name) : undefined;
}

function shortened(items: readonly string[], longest: number): readonly string[] {
  return items.slice(0, ITEMS).map((item) => item.slice(0, longest));
}

function beyond(items: readonly string[]): number {
  return Math.max(0, items.length - ITEMS);
}

/** A part of a text that V8 has cut out keeps the whole text alive: 64 KiB of a response for each name. */
function copied(resource: SeenResource): SeenResource {
  const copy: Omit<SeenResource, 'fleet'> & Partial<Pick<SeenResource, 'fleet'>> = JSON.parse(
    JSON.stringify(resource),
  );
  return { ...copy, fleet: copy.fleet };
}
