import { setImmediate as nextTick } from 'node:timers/promises';
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
  /** This many events leave at once, without waiting for more: 1 to `MAX_BATCH_EVENTS`. */
  readonly flushAt: number;
  /** Fewer leave after this time, in milliseconds. */
  readonly flushIntervalMs: number;
}

export interface SegmentDelivery {
  readonly deliver: Deliver;
  /** Nothing more leaves, requests under way end, each pending `deliver` rejects as temporary. */
  readonly close: () => Promise<void>;
}

/**
 * Delivers by Segment's own SDK, which gathers events to batches.
 *
 * It tries once: what is not acknowledged rejects with a `DeliveryError` and stays its caller's.
 * A `messageId` that is delivered again while the first is under way leaves only once.
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
  // Not `track`'s callback: the SDK holds it back for 300 ms, with a timer for each event.
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
    // The SDK flushes its last batch, and drops that batch's timer, only once it has counted off
    // what was under way, which it does in the same turn.
    await nextTick();
    await analytics.flush({ close: true });
  }
}

function unacknowledged(reason: unknown): Error {
  if (isDeliveryError(reason)) return reason;
  return new TemporaryDeliveryError('unexpected failure', { cause: reason });
}
