/**
 * The catalogue: every event that can ever leave, its exact payload, and why it is asked.
 *
 * The page `docs/telemetry.md`, the collector's validator, the preview and the tests are made from
 * it, so no other event can be sent by our programs or be accepted by our collector.
 */

/** The custom resources of `gateway.kusk.io` whose creations are counted (number 7). */
export const KINDS = ['API', 'StaticRoute', 'EnvoyFleet'] as const;
export type Kind = (typeof KINDS)[number];

/** A custom resource as it was seen on the API server: what a decision needs, and no more. */
export interface Sighting {
  readonly kind: Kind;
  readonly uid: string;
  /** `metadata.creationTimestamp` in whole seconds since the epoch, by the API server's clock. */
  readonly createdAt: number;
  /** `metadata.resourceVersion`: the resource's last change. */
  readonly resourceVersion: string;
  /** The API server's present, in seconds since the epoch. Times beyond it are wrong. */
  readonly seenAt: number;
}

/**
 * Whether one moment of a cluster's history is later than another. Unless both are numbers, it is not.
 * @see https://kep.k8s.io/5504 (resourceVersions compare as numbers)
 */
export function isLater(resourceVersion: string, than: string): boolean {
  if (![resourceVersion, than].every((version) => /^\d+$/.test(version))) return false;
  return BigInt(resourceVersion) > BigInt(than);
}

/** Who tells. It is the `event` of the wire format, as the privacy policy's sample has it. */
export type Source = 'kusk-gateway' | 'kusk-cli' | 'kusk-dashboard';

/** An entry of the catalogue. */
type Entry = (typeof CATALOGUE)[number];

/** The `properties.event` that a source may send: one of the catalogue's names, nothing else compiles. */
export type EventName<From extends Source = Source> = Extract<
  Entry,
  { readonly source: From }
>['name'];

/** What the operator may send. */
export type OperatorEventName = EventName<'kusk-gateway'>;

/**
 * The properties of an event. A member that is added here, optional or not, stops the compiler at
 * each place that has to carry it: see `CompleteProperties`.
 */
export interface Properties<Name extends EventName = EventName> {
  readonly event: Name;
}

/**
 * Properties with no member left out, not even an optional one. Whatever copies properties member by
 * member `satisfies` it, so that none is dropped in silence and none is carried that is not meant to
 * leave.
 */
export type CompleteProperties = {
  readonly [Name in keyof Required<Properties>]: Properties[Name];
};

/**
 * One message as Segment's `track` call carries it, and nothing else: no names, no namespaces, no
 * spec, no arguments, no versions, no address.
 *
 * @see https://segment.com/docs/connections/spec/track/
 */
export interface Message<From extends Source = Source, Name extends EventName = EventName> {
  /** At most 100 characters. The same for every repeat of the same happening. */
  readonly messageId: string;
  /** 64 lower-case hex digits. */
  readonly anonymousId: string;
  /** The same hash as `anonymousId`. */
  readonly userId: string;
  readonly event: From;
  readonly properties: Properties<Name>;
  /** When it happened: ISO 8601 in UTC, `2026-11-23T11:42:41.213Z`. */
  readonly timestamp: string;
}

/** A message of one of the sources, with a name that the catalogue has for that source. */
export type TelemetryEvent = { [From in Source]: Message<From, EventName<From>> }[Source];

/**
 * Brings one event to its receiver.
 *
 * Resolves once the receiver has acknowledged it. Rejects with a `DeliveryError` otherwise; whoever
 * calls keeps the event and tries again with the same `messageId`.
 */
export type Deliver = (event: TelemetryEvent) => Promise<void>;

/** One event that can leave. */
export interface CatalogueEntry {
  readonly source: Source;
  /** `properties.event`. */
  readonly name: string;
  /** Which of the seven numbers it makes, 1 to 7. */
  readonly number: number;
  /** When it is sent, for a reader who is not a programmer. */
  readonly when: string;
  /** Why we ask. */
  readonly why: string;
  /** What makes two of them count as one. */
  readonly countedOncePer: string;
}

/** The `kusk` commands that are counted, without their arguments. */
export const CLI_COMMANDS = [
  'cluster install',
  'cluster upgrade',
  'cluster uninstall',
  'dashboard',
] as const;

/** `properties.event` of a creation, by kind. */
export const CREATED = {
  API: 'api-created',
  StaticRoute: 'static-route-created',
  EnvoyFleet: 'envoy-fleet-created',
} as const satisfies Record<Kind, string>;

const RESOURCES = {
  API: 'an API',
  StaticRoute: 'a StaticRoute',
  EnvoyFleet: 'an EnvoyFleet',
} as const satisfies Record<Kind, string>;

/** Every event that can leave, in the order of the seven numbers. */
export const CATALOGUE = [
  {
    source: 'kusk-cli',
    name: 'install',
    number: 1,
    when: 'The first time that `kusk` runs on a machine.',
    why: 'How many people have the command line tool.',
    countedOncePer: 'machine',
  },
  ...CLI_COMMANDS.map((command) => ({
    source: 'kusk-cli' as const,
    name: command,
    number: 2,
    when: `\`kusk ${command}\` was run. Its arguments are not sent.`,
    why: 'Which commands are used, and so deserve our work.',
    countedOncePer: 'machine, command and UTC day',
  })),
  {
    source: 'kusk-gateway',
    name: 'install',
    number: 3,
    when: 'The operator runs in a cluster for the first time.',
    why: 'How many clusters Kusk Gateway was installed to.',
    countedOncePer: 'cluster',
  },
  {
    source: 'kusk-gateway',
    name: 'heartbeat',
    number: 4,
    when: 'Once a UTC day while the operator runs, at a minute of the day that differs by cluster.',
    why: 'How many clusters still use it.',
    countedOncePer: 'cluster and UTC day',
  },
  optOut('kusk-gateway'),
  optOut('kusk-cli'),
  {
    source: 'kusk-dashboard',
    name: 'session',
    number: 6,
    when: 'The dashboard is opened in a browser.',
    why: 'Whether the dashboard is of use.',
    countedOncePer: 'browser session',
  },
  ...KINDS.map((kind) => ({
    source: 'kusk-gateway' as const,
    name: CREATED[kind],
    number: 7,
    when: `Somebody creates ${RESOURCES[kind]}. Updates are not told.`,
    why: 'Which of the resources are used, and how much.',
    countedOncePer: "custom resource (its UID goes into a one-way hash and can't be read back)",
  })),
] as const satisfies readonly CatalogueEntry[];

function optOut<From extends Source>(source: From) {
  return {
    source,
    name: 'analytics-disabled',
    number: 5,
    when: 'Telemetry was on and is switched off. It is tried once, under ids made for it alone.',
    why: 'How many people do not want this. It tells us whether we ask too much.',
    countedOncePer: 'witnessed switch from on to off',
  } as const;
}

/** The entry of the catalogue for an event, or `undefined` for one that must not leave. */
export function catalogued(source: string, name: string): CatalogueEntry | undefined {
  return CATALOGUE.find((entry) => entry.source === source && entry.name === name);
}
