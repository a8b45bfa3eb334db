import type { TelemetryEvent } from '../event.ts';
import { PermanentDeliveryError } from './delivery-error.ts';
import { sentPayload } from './payload.ts';

/**
 * The largest number of events in one request.
 *
 * Segment accepts 500 KB and 2,500 events per request, and 32 KB per event. The SDK counts bytes
 * wrongly, so the product of the two limits here stays below 500 KB. A real event has about 600 bytes.
 *
 * @see https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#batch
 */
export const MAX_BATCH_EVENTS = 250;

/** The largest size of one event, in bytes of JSON. */
export const MAX_EVENT_BYTES = 1_900;

/** Throws a `PermanentDeliveryError` if an event has no `messageId` or is too large. */
export function assertSendable(event: TelemetryEvent): void {
  // The SDK would create an id of its own, and the acknowledgement would match no event.
  if (!event.messageId)
    throw new PermanentDeliveryError('event without a messageId', { status: 400 });
  const bytes = Buffer.byteLength(JSON.stringify(sentPayload(event)));
  if (bytes <= MAX_EVENT_BYTES) return;
  throw new PermanentDeliveryError(`event of more than ${MAX_EVENT_BYTES} bytes`, { status: 413 });
}
