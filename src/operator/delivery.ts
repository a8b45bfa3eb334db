import { MAX_BATCH_EVENTS } from '../deliver/limits.ts';
import { connectOutbound } from '../deliver/outbound.ts';
import type { SentPayload } from '../deliver/payload.ts';
import { type SegmentDelivery, segment } from '../deliver/segment.ts';
import type { Environment } from './config-fields.ts';

export interface DeliveryOptions {
  readonly endpoint: URL;
  readonly writeKey: string;
  readonly environment: Environment;
  readonly onAcknowledged: (payload: SentPayload) => void;
}

/** One request to the receiver, whole answer, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** The sender has gathered them already. */
const FLUSH_INTERVAL_MS = 10;

/** The way to the receiver. No socket is opened before the first event. */
export function openDelivery(options: DeliveryOptions): SegmentDelivery {
  const { endpoint, writeKey, environment, onAcknowledged } = options;
  const outbound = connectOutbound({ environment });
  const delivery = segment({
    endpoint,
    writeKey,
    fetch: outbound.fetch,
    timeoutMs: TIMEOUT_MS,
    flushAt: MAX_BATCH_EVENTS,
    flushIntervalMs: FLUSH_INTERVAL_MS,
    onAcknowledged,
  });
  return {
    deliver: delivery.deliver,
    async close() {
      await delivery.close();
      await outbound.close();
    },
  };
}
