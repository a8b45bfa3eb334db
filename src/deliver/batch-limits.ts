import type { TelemetryEvent } from '../event.ts';
import { PermanentDeliveryError } from './delivery-error.ts';
import { sentPayload } from './payload.ts';

/**
 * How many events one request may carry.
 *
 * Segment takes 500 KB and 2,500 events a request, 32 KB an event. The SDK's own count of bytes
 * is wrong, so the two limits here keep the product below 500 KB. A real event has about 600 bytes.
 *
 * @see https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#batch
 */
export const MAX_BATCH_EVENTS = 250;

/** How many bytes of JSON one event may have. */
export const MAX_EVENT_BYTES = 1_900;

/** Throws a `PermanentDeliveryError` for an event that cannot be sent or that would not fit. */
export function assertSendable(event: TelemetryEvent): void {
  // Without one the SDK makes up an id, and nobody would recognise the acknowledgement.
  if (!event.messageId)
    throw new PermanentDeliveryError('event without a messageId', { status: 400 });
  const bytes = Buffer.byteLength(JSON.stringify(sentPayload(event)));
  if (bytes <= MAX_EVENT_BYTES) return;
  throw new PermanentDeliveryError(`event of more than ${MAX_EVENT_BYTES} bytes`, { status: 413 });
}
