/**
 * The catalogue: every event that can leave, its exact payload, and the reason for it.
 *
 * The page `docs/telemetry.md`, the collector's validator, `--preview` and the tests are generated
 * from it. Our programs can't send any other event, and our collector accepts no other.
 */

/**
 * The custom resources of `gateway.kusk.io` whose creations are counted (number 7), each with
 * `properties.event` of a creation and with its article for texts.
 */
const KIND_TABLE = {
  API: { created: 'api-created', article: 'an' },
  StaticRoute: { created: 'static-route-created', article: 'a' },
  EnvoyFleet: { created: 'envoy-fleet-created', article: 'an' },
} as const;
export type Kind = keyof typeof KIND_TABLE;
export const KINDS = Object.keys(KIND_TABLE) as readonly Kind[];
/** `properties.event` of a creation, by kind. */
export const CREATED = Object.fromEntries(
  KINDS.map((kind) => [kind, KIND_TABLE[kind].created]),
) as { readonly [Of in Kind]: (typeof KIND_TABLE)[Of]['created'] };

/** A custom resource as seen on the API server, reduced to the fields that a decision needs. */
export interface Sighting {
  readonly kind: Kind;
  readonly uid: string;
  /** `metadata.creationTimestamp` in whole seconds since the epoch, by the API server's clock. */
  readonly createdAt: number;
  /** `metadata.resourceVersion`: identifies the resource's last change. */
  readonly resourceVersion: string;
  /** The API server's current time, in seconds since the epoch. A later creation time is wrong. */
  readonly seenAt: number;
}

/**
 * Returns whether one resourceVersion is later than another: `false` unless both are numbers.
 * @see https://kep.k8s.io/5504 (resourceVersions compare as numbers)
 */
export function isLater(resourceVersion: string, than: string): boolean {
  if (![resourceVersion, than].every((version) => /^\d+$/.test(version))) return false;
  return BigInt(resourceVersion) > BigInt(than);
}

/** Returns the UTC day of a time in milliseconds since the epoch: `2026-11-23`. Days sort as text. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The program that sends. It is `event` in the wire format, as in the privacy policy's sample. */
export type Source = 'kusk-gateway' | 'kusk-cli' | 'kusk-dashboard';

type Entry = (typeof CATALOGUE)[number];
/** `properties.event`: a name that the catalogue has for this source. Nothing else compiles. */
export type EventName<From extends Source = Source> = Extract<
  Entry,
  { readonly source: From }
>['name'];

/** The sources that the catalogue has for an event. */
export type SourceOf<Name extends EventName> = Extract<Entry, { readonly name: Name }>['source'];

/** What the operator may send. */
export type OperatorEventName = EventName<'kusk-gateway'>;

/** A new member, optional or not, is a compile error wherever it must be copied: `CompleteProperties`. */
export interface Properties<Name extends EventName = EventName> {
  readonly event: Name;
}

/**
 * Properties with every member present, optional ones too. Code that copies properties member by
 * member `satisfies` it, so that it neither drops a member nor copies one that must not leave.
 */
export type CompleteProperties = {
  readonly [Name in keyof Required<Properties>]: Properties[Name];
};

/**
 * One message of Segment's `track` call. It holds nothing else: no names, no namespaces, no spec, no
 * arguments, no versions, no address.
 *
 * @see https://segment.com/docs/connections/spec/track/
 */
export interface Message<From extends Source = Source, Name extends EventName = EventName> {
  /** At most 100 characters. Every repeat of the same occurrence has the same one. */
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

/** A message of any source, with a name that the catalogue has for that source. */
export type TelemetryEvent = { [From in Source]: Message<From, EventName<From>> }[Source];

/**
 * Resolves once the endpoint has acknowledged the event, and rejects with a `DeliveryError` otherwise.
 * The caller keeps a rejected event and retries it with the same `messageId`.
 */
export type Deliver = (event: TelemetryEvent) => Promise<void>;

/** One event that can leave. */
export interface CatalogueEntry {
  readonly source: Source;
  /** `properties.event`. */
  readonly name: string;
  /** The number that it counts for, 1 to 7: 5 and 6 have random ids, and 7 counts creations. */
  readonly number: number;
  /** When it is sent, in words for people who don't program. */
  readonly when: string;
  /** What we use it for. */
  readonly why: string;
  /** Two events that agree in this count as one. */
  readonly countedOncePer: string;
}

/** The `kusk` commands that are counted. Their arguments are not sent. */
export const CLI_COMMANDS = [
  'cluster install',
  'cluster upgrade',
  'cluster uninstall',
  'dashboard',
] as const;

/** Every event that can leave, in the order of the seven numbers. */
export const CATALOGUE = [
  {
    source: 'kusk-cli',
    name: 'install',
    number: 1,
    when: 'A command of number 2 runs on a machine for the first time after the notice about telemetry.',
    why: 'How many people have the command line tool.',
    countedOncePer: 'machine',
  },
  ...CLI_COMMANDS.map((command) => ({
    source: 'kusk-cli' as const,
    name: command,
    number: 2,
    when: `\`kusk ${command}\` runs. Its arguments are not sent.`,
    why: 'Which commands people use, so that we know which to improve.',
    countedOncePer: 'machine, command and UTC day',
  })),
  {
    source: 'kusk-gateway',
    name: 'install',
    number: 3,
    when: 'The operator runs in a cluster for the first time.',
    why: 'How many clusters Kusk Gateway was installed in.',
    countedOncePer: 'cluster',
  },
  {
    source: 'kusk-gateway',
    name: 'heartbeat',
    number: 4,
    when: 'Once a UTC day while the operator runs, at a minute of the day that differs by cluster.',
    why: 'How many clusters still use Kusk Gateway.',
    countedOncePer: 'cluster and UTC day',
  },
  optOut('kusk-gateway'),
  optOut('kusk-cli'),
  {
    source: 'kusk-dashboard',
    name: 'session',
    number: 6,
    when: 'The dashboard is opened in a browser.',
    why: 'Whether people use the dashboard.',
    countedOncePer: 'browser session',
  },
  ...KINDS.map((kind) => ({
    source: 'kusk-gateway' as const,
    name: CREATED[kind],
    number: 7,
    when: `Somebody creates ${KIND_TABLE[kind].article} ${kind}. Updates are not counted.`,
    why: 'Which resources people use, and how many.',
    countedOncePer: "custom resource (a one-way hash of its UID, which can't be read back)",
  })),
] as const satisfies readonly CatalogueEntry[];

function optOut<From extends Source>(source: From) {
  return {
    source,
    name: 'analytics-disabled',
    number: 5,
    when: 'Telemetry is switched off after it was on. Sent at most once, under random ids.',
    why: 'How many people do not want telemetry, so that we notice if we collect too much.',
    countedOncePer: 'observed switch from on to off',
  } as const;
}

/** Returns an event's entry in the catalogue, or `undefined` for an event that must not leave. */
export function catalogued(source: string, name: string): CatalogueEntry | undefined {
  return CATALOGUE.find((entry) => entry.source === source && entry.name === name);
}
