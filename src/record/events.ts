import {
  type EventName,
  type Message,
  type OperatorEventName,
  type Source,
  type SourceOf,
  utcDay,
} from '../event.ts';
import { hmacSha256 } from './sha256.ts';

/** The event names that can be pending. The opt-out can't: it is tried once and never stored. */
export type OccurrenceName = Exclude<OperatorEventName, 'analytics-disabled'>;

/** Something that happened in a cluster and is recorded once. */
export interface Occurrence {
  readonly name: OccurrenceName;
  /** What identifies it: a resource's UID, a UTC day, or empty for the install. */
  readonly subject: string;
  /** When it happened, in whole seconds since the epoch. */
  readonly at: number;
}

/** Returns a cluster's pseudonymous id: 64 hex digits from which its UID can't be read back. */
export function clusterId(kubeSystemUid: string): string {
  return hmacSha256('kusk-gateway/cluster-id/v1', kubeSystemUid);
}

/**
 * Returns the id of an occurrence. A retry, a second leader and a replay produce the same one.
 * `anonymousId` is the `clusterId`, or the equivalent of another source.
 */
export function messageId(
  anonymousId: string,
  { name, subject }: { readonly name: EventName; readonly subject: string },
): string {
  return hmacSha256(anonymousId, `${name}/${subject}`);
}

/** The options of one source, with a name that the catalogue has for it. */
interface TrackOptionsOf<From extends Source> {
  readonly source: From;
  /** 64 lower-case hex digits: the `clusterId`, or the equivalent of another source. */
  readonly anonymousId: string;
  readonly name: EventName<From>;
  /** What identifies it among the events of this name. It is sent only as part of a hash. */
  readonly subject: string;
  /** When it happened, in whole seconds since the epoch. */
  readonly at: number;
}

export type TrackEventOptions = { [From in Source]: TrackOptionsOf<From> }[Source];

/** Creates the message of an occurrence. Equal options produce equal bytes. */
export function trackEvent<Options extends TrackEventOptions>(
  options: Options,
): Message<Options['source'], Options['name']> {
  return {
    messageId: messageId(options.anonymousId, options),
    anonymousId: options.anonymousId,
    userId: options.anonymousId,
    event: options.source,
    properties: { event: options.name },
    timestamp: new Date(options.at * 1000).toISOString(),
  };
}

export interface RandomIdOptions {
  /** Returns 64 random hex digits, different ones in each call. */
  readonly randomId: () => string;
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
}

export interface OptOutEventOptions<From extends Source> extends RandomIdOptions {
  readonly source: From;
}

/** Creates the last event, which reports that telemetry was switched off. */
export function optOutEvent<From extends SourceOf<'analytics-disabled'>>({
  source,
  ...options
}: OptOutEventOptions<From>): Message<From, 'analytics-disabled'> {
  return { ...unlinkable(options), event: source, properties: { event: 'analytics-disabled' } };
}

/**
 * Creates the event of a browser session of the dashboard. Its time is the start of the UTC day: a time in
 * milliseconds could be joined with what the machine sends in the same second.
 */
export function sessionEvent(options: RandomIdOptions): Message<'kusk-dashboard', 'session'> {
  return {
    ...unlinkable(options),
    event: 'kusk-dashboard',
    properties: { event: 'session' },
    timestamp: startOfDay(options.now()),
  };
}

/** Returns midnight of the UTC day of a time in milliseconds since the epoch, in ISO 8601. */
export function startOfDay(ms: number): string {
  return `${utcDay(ms)}T00:00:00.000Z`;
}

/** Both ids are random, so that the event can't be joined with any other. */
function unlinkable({ randomId, now }: RandomIdOptions) {
  const id = randomId();
  return {
    messageId: randomId(),
    anonymousId: id,
    userId: id,
    timestamp: new Date(now()).toISOString(),
  };
}
