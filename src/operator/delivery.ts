import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { MAX_BATCH_EVENTS } from '../deliver/batch-limits.ts';
import { TemporaryDeliveryError } from '../deliver/delivery-error.ts';
import { connectOutbound, type Fetch } from '../deliver/outbound.ts';
import type { SentPayload } from '../deliver/payload.ts';
import { type SegmentDelivery, segment } from '../deliver/segment.ts';
import type { Deliver } from '../event.ts';
import type { Config } from './config/config.ts';
import type { Environment } from './config/readers.ts';

export interface DeliveryOptions {
  readonly config: Config;
  readonly environment: Environment;
  readonly onAcknowledged: (payload: SentPayload) => void;
  /** Wraps each request, so that it can be refused just before it leaves. */
  readonly guard: (fetch: Fetch) => Fetch;
}

/** One request to the receiver, whole answer, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** The sender has gathered them already. */
const FLUSH_INTERVAL_MS = 10;

/**
 * The way to the endpoint. No socket is opened before the first event. If the configuration makes
 * delivery impossible, every event is refused with the reason, so that it is kept.
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

/** What is wrong on the way to the endpoint, each with what to write instead. */
export function problemsOfDelivery({ deliveryProblems }: Config, environment: Environment) {
  return [...deliveryProblems, ...certificateProblems(environment)];
}

/** Node goes on with the authorities that it trusts anyway. */
function certificateProblems({ NODE_EXTRA_CA_CERTS: file }: Environment): readonly string[] {
  if (!file) return [];
  try {
    new X509Certificate(readFileSync(file));
    return [];
  } catch (error) {
    const { code = 'it is no certificate' } = error as NodeJS.ErrnoException;
    return [
      `NODE_EXTRA_CA_CERTS is ${JSON.stringify(file)}, which cannot be used (${code}): name a file with certificates in PEM`,
    ];
  }
}

/** Nothing may leave at this moment. It says nothing about the endpoint. */
export class NotAllowedError extends TemporaryDeliveryError {
  constructor() {
    super('not now');
  }
}

/** Wraps `deliver` so that nothing leaves at a moment at which it is not allowed. */
export function guard(deliver: Deliver, allowed: () => boolean): Deliver {
  return async function deliverIfAllowed(event) {
    if (!allowed()) throw new NotAllowedError();
    await deliver(event);
  };
}

/** Whether an event was held back by this process, so that the endpoint has not seen it. */
export function isNotAllowed(failure: unknown): boolean {
  return failure instanceof NotAllowedError;
}
