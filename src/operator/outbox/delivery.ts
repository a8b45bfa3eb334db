import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { MAX_BATCH_EVENTS } from '../../deliver/batch-limits.ts';
import { TemporaryDeliveryError } from '../../deliver/delivery-error.ts';
import { connectOutbound, type Fetch } from '../../deliver/outbound.ts';
import type { SentPayload } from '../../deliver/payload.ts';
import { type SegmentDelivery, segment } from '../../deliver/segment.ts';
import type { Deliver } from '../../event.ts';
import type { Environment } from '../../runtime/environment.ts';
import type { Config } from '../config/config.ts';

export interface DeliveryOptions {
  readonly config: Config;
  readonly environment: Environment;
  readonly onAcknowledged: (payload: SentPayload) => void;
  /** Wraps `fetch`, so that a request can be refused just before it is sent. */
  readonly guard: (fetch: Fetch) => Fetch;
}

/** How long one request to the endpoint may take, with its whole response, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** In milliseconds. The outbox has already collected the events of a batch. */
const FLUSH_INTERVAL_MS = 10;

/**
 * Opens the delivery to the endpoint. No socket is opened before the first event.
 *
 * If the configuration makes delivery impossible, each event is rejected with the reason and a
 * `TemporaryDeliveryError`, so that it is kept.
 */
export function openDelivery(options: DeliveryOptions): SegmentDelivery {
  const { config, environment, onAcknowledged, guard } = options;
  const { endpoint, writeKey, deliveryProblems } = config;
  if (deliveryProblems.length > 0 || !endpoint || !writeKey) return impossible(config);
  const outbound = connectOutbound({ environment });
  const delivery = segment({
    endpoint,
    writeKey,
    fetch: guard(outbound.fetch),
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

function impossible({ deliveryProblems: [problem = 'there is no write key'] }: Config) {
  return {
    async deliver() {
      throw new TemporaryDeliveryError(problem);
    },
    async close() {},
  };
}

/** Returns every problem of the configured delivery, each with what to write instead. */
export function problemsOfDelivery({ deliveryProblems }: Config, environment: Environment) {
  return [...deliveryProblems, ...certificateProblems(environment)];
}

/** Node ignores an unusable file and continues with its default authorities. */
function certificateProblems({ NODE_EXTRA_CA_CERTS: file }: Environment): readonly string[] {
  if (!file) return [];
  try {
    new X509Certificate(readFileSync(file));
    return [];
  } catch (error) {
    const { code = 'not a certificate' } = error as NodeJS.ErrnoException;
    return [
      `NODE_EXTRA_CA_CERTS is ${JSON.stringify(file)}, which cannot be used (${code}): name a file with certificates in PEM`,
    ];
  }
}

/** Sending is not allowed at this moment. The endpoint has not received the event. */
export class NotAllowedError extends TemporaryDeliveryError {
  constructor() {
    super('sending is not allowed at this moment');
  }
}

/** Wraps `deliver` so that it rejects with `NotAllowedError` while sending is not allowed. */
export function guard(deliver: Deliver, allowed: () => boolean): Deliver {
  return async function deliverIfAllowed(event) {
    if (!allowed()) throw new NotAllowedError();
    await deliver(event);
  };
}

/** Whether this process held an event back, so that the failure is not the endpoint's. */
export function isNotAllowed(failure: unknown): boolean {
  return failure instanceof NotAllowedError;
}
