import { createHash } from 'node:crypto';
import { dayOf } from '../../../src/collector/day.ts';
import type { EventName, TelemetryEvent } from '../../../src/event.ts';

/** How many events there are, and of how many clusters. */
export interface Amount {
  readonly events: number;
  readonly clusters: number;
}

/** An event as it arrives. */
export interface Arrival {
  readonly event: TelemetryEvent;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** In days since the epoch. */
  readonly day: number;
}

export const DAYS = 400;
const DAY_MS = 24 * 60 * 60 * 1000;
export const FIRST_DAY = '2025-10-01';
/** Of a hundred events. */
const NAMES: readonly (readonly [number, EventName])[] = [
  [1, 'install'],
  [81, 'heartbeat'],
  [96, 'api-created'],
  [99, 'static-route-created'],
  [100, 'envoy-fleet-created'],
];

/** Returns one event. The same index always has the same event, and the events arrive in the order of their times. */
export function arrival(index: number, { events, clusters }: Amount): Arrival {
  const id = hash(`message ${index}`);
  const userId = hash(`cluster ${id.readUInt32LE(0) % clusters}`).toString('hex');
  const kind = id.readUInt32LE(4) % 100;
  const [, name = 'heartbeat'] = NAMES.find(([below]) => kind < below) ?? [];
  const receivedAt = Date.parse(FIRST_DAY) + Math.floor((index / events) * DAYS * DAY_MS);
  const timestamp = new Date(receivedAt).toISOString();
  const event = {
    messageId: id.toString('hex'),
    anonymousId: userId,
    userId,
    event: 'kusk-gateway',
    properties: { event: name },
    timestamp,
  } as TelemetryEvent;
  return { event, receivedAt, day: dayOf(timestamp, { receivedAt }) };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
