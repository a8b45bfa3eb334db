import { createHmac } from 'node:crypto';
import type { Message, OperatorEventName } from '../event.ts';

/** A message of the operator's. */
export type OperatorEvent = Message<'kusk-gateway', OperatorEventName>;

/** The names of what can be pending. The opt-out never is: it is tried once. */
export type OccurrenceName = Exclude<OperatorEventName, 'analytics-disabled'>;

/** Something that happened in a cluster and is to be told once. */
export interface Occurrence {
  readonly name: OccurrenceName;
  /** What makes it the one it is: a resource's UID, a UTC day, or empty for the install. */
  readonly subject: string;
  /** When it happened, in whole seconds since the epoch. */
  readonly at: number;
}

/** The name under which a cluster is known: 64 hex digits from which its UID can't be read back. */
export function clusterId(kubeSystemUid: string): string {
  return hmac('kusk-gateway/cluster-id/v1', kubeSystemUid);
}

/** The same for every repeat, retry, second leader or replay of one happening in one cluster. */
export function messageId(cluster: string, { name, subject }: Omit<Occurrence, 'at'>): string {
  return hmac(cluster, `${name}/${subject}`);
}

/** The message that tells a happening. Equal happenings give equal bytes. */
export function eventOf(occurrence: Occurrence, cluster: string): OperatorEvent {
  return {
    messageId: messageId(cluster, occurrence),
    anonymousId: cluster,
    userId: cluster,
    event: 'kusk-gateway',
    properties: { event: occurrence.name },
    timestamp: new Date(occurrence.at * 1000).toISOString(),
  };
}

/**
 * The last event before silence. It says that one more has switched telemetry off, and can't be
 * joined with anything that was sent before: both ids are fresh.
 */
export function optOutEvent(options: {
  /** Gives 64 random hex digits a call. */
  readonly randomId: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): OperatorEvent {
  const id = options.randomId();
  return {
    messageId: options.randomId(),
    anonymousId: id,
    userId: id,
    event: 'kusk-gateway',
    properties: { event: 'analytics-disabled' },
    timestamp: new Date(options.now()).toISOString(),
  };
}

function hmac(key: string, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex');
}
