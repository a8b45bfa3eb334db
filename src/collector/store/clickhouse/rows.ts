import type { CompleteProperties, EventName, Source, TelemetryEvent } from '../../../event.ts';
import { dayFromNumber, dayOf } from '../../day.ts';
import type { StoredEvent } from '../store.ts';

const HASH = /^[0-9a-f]{64}$/;
/** The bytes of a hash. */
const HASH_BYTES = 32;

/** The columns of `event` that are written, in the names of their hex. */
export const EVENT_COLUMNS = [
  'message_hex',
  'user_hex',
  'source',
  'name',
  'timestamp',
  'day',
  'received_at',
] as const;

/** Returns the row of an event, with its ids as hex. */
export function eventRow(event: TelemetryEvent, { receivedAt }: { readonly receivedAt: number }) {
  const { messageId, userId, event: source, timestamp } = event;
  const properties = { event: event.properties.event } satisfies CompleteProperties;
  return {
    message_hex: messageHex(messageId),
    user_hex: userId,
    source,
    name: properties.event,
    timestamp: Date.parse(timestamp),
    day: dayOf(timestamp, { receivedAt }),
    received_at: receivedAt,
  };
}

/** A hash has 32 bytes. Another id that has as many gets a blank, which no id has, so that they never meet. */
export function messageHex(messageId: string): string {
  if (HASH.test(messageId)) return messageId;
  const bytes = Buffer.from(messageId.length === HASH_BYTES ? `${messageId} ` : messageId);
  return bytes.toString('hex');
}

export function messageIdFrom(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  return bytes.byteLength === HASH_BYTES ? hex.toLowerCase() : bytes.toString().trimEnd();
}

/** Returns the event of a row whose ids are hex. */
export function storedEvent(row: Readonly<Record<string, unknown>>): StoredEvent {
  const userId = String(row.user).toLowerCase();
  const messageId = messageIdFrom(String(row.message));
  return {
    seq: messageId,
    day: dayFromNumber(Number(row.day)),
    receivedAt: new Date(Number(row.received_at)).toISOString(),
    messageId,
    anonymousId: userId,
    userId,
    event: row.source as Source,
    // The type is safe: every stored event was validated.
    properties: { event: row.name as EventName } satisfies CompleteProperties,
    timestamp: new Date(Number(row.timestamp)).toISOString(),
  };
}
