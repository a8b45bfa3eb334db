import { setImmediate as nextTurn } from 'node:timers/promises';
import { Analytics } from '@segment/analytics-node';
import type { Deliver, TelemetryEvent } from '../event.ts';
import { assertSendable, MAX_BATCH_EVENTS } from './batch-limits.ts';
import { type BatchesOptions, batches } from './batches.ts';
import {
  isDeliveryError,
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from './delivery-error.ts';

export interface SegmentOptions extends Omit<BatchesOptions, 'signal'> {
  readonly writeKey: string;
  /** A batch of this many events is sent immediately: 1 to `MAX_BATCH_EVENTS`. */
  readonly flushAt: number;
  /** A smaller batch is sent after this time, in milliseconds. */
  readonly flushIntervalMs: number;
}

export interface SegmentDelivery {
  readonly deliver: Deliver;
  /** Sends nothing more, aborts requests in flight, and rejects each pending `deliver` as temporary. */
  readonly close: () => Promise<void>;
}

/**
 * Delivers through Segment's SDK, which collects events into batches.
 *
 * Each event is tried once. If it is not acknowledged, `deliver` rejects with a `DeliveryError`, and the
 * caller keeps the event. A `messageId` that is already in flight is not sent again.
 */
export function segment(options: SegmentOptions): SegmentDelivery {
  const { writeKey, flushAt, flushIntervalMs } = options;
  if (!(flushAt >= 1 && flushAt <= MAX_BATCH_EVENTS)) {
    throw new RangeError(`flushAt must be 1 to ${MAX_BATCH_EVENTS}, found ${flushAt}`);
  }
  const closing = new AbortController();
  const inFlight = new Map<string, PromiseWithResolvers<void>>();
  const httpClient = batches({ ...options, signal: closing.signal });
  const analytics = new Analytics({
    writeKey,
    flushAt,
    flushInterval: flushIntervalMs,
    maxRetries: 0,
    httpClient,
  });
  // Not the callback of `track`: the SDK delays it by 300 ms, with a timer for each event.
  analytics.on('track', ({ event }) => settle(event.messageId));
  analytics.on('error', ({ ctx, reason }) => settle(ctx?.event.messageId, unacknowledged(reason)));

  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= drop();
    return closed;
  };
  return { deliver, close };

  async function deliver(event: TelemetryEvent): Promise<void> {
    closing.signal.throwIfAborted();
    const repeated = inFlight.get(event.messageId);
    if (repeated !== undefined) return repeated.promise;
    enqueue(event);
    const delivery = Promise.withResolvers<void>();
    inFlight.set(event.messageId, delivery);
    return delivery.promise;
  }

  function enqueue(event: TelemetryEvent): void {
    try {
      assertSendable(event);
      analytics.track(event);
    } catch (error) {
      if (isDeliveryError(error)) throw error;
      throw new PermanentDeliveryError('malformed event', { status: 400, cause: error });
    }
  }

  function settle(messageId = '', error?: Error): void {
    const delivery = inFlight.get(messageId);
    inFlight.delete(messageId);
    if (error === undefined) delivery?.resolve();
    else delivery?.reject(error);
  }

  async function drop(): Promise<void> {
    closing.abort(new TemporaryDeliveryError('delivery was closed'));
    await httpClient.idle();
    // The SDK flushes its last batch, and clears that batch's timer, only after it has counted off the
    // requests in flight. It does that in the current turn of the event loop.
    await nextTurn();
    await analytics.flush({ close: true });
  }
}

function unacknowledged(reason: unknown): Error {
  if (isDeliveryError(reason)) return reason;
  return new TemporaryDeliveryError('unexpected failure', { cause: reason });
}
