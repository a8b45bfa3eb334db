import type { HTTPClient } from '@segment/analytics-node';
import { limit } from '../runtime/limit.ts';
import { batchUrl } from './batch-url.ts';
import { type Fetch, MAX_CONNECTIONS } from './outbound.ts';
import { type SentPayload, sentPayload } from './payload.ts';
import { post, type Request } from './post.ts';

export interface BatchesOptions {
  /** A base such as `https://api.segment.io`; see `batchUrl`. */
  readonly endpoint: URL;
  readonly fetch: Fetch;
  /** For one request, to the end of its answer. */
  readonly timeoutMs: number;
  /** Called once for each acknowledged message, with the payload as it left. Must not throw. */
  readonly onAcknowledged: (payload: SentPayload) => void;
  /** Ends all requests, under way and to come. */
  readonly signal: AbortSignal;
}

export interface Batches extends HTTPClient {
  /** Resolves once no request is under way any more. */
  readonly idle: () => Promise<void>;
}

interface Batch {
  readonly batch: readonly SentPayload[];
  readonly writeKey: string;
  readonly sentAt: string;
}

const ACKNOWLEDGED = { status: 200, statusText: 'OK' } as const;

/**
 * The SDK's way to the network: takes off what the SDK added of itself and posts the rest to the
 * endpoint, whatever address the SDK has in mind.
 *
 * Gives the SDK an acknowledgement or throws a `DeliveryError`, and never another status, as the
 * SDK would take a redirect for success and sleep over a 429 by itself.
 */
export function batches({ endpoint, onAcknowledged, ...options }: BatchesOptions): Batches {
  const url = batchUrl(endpoint);
  const inFlight = new Set<Promise<void>>();
  // So that the time of a request is not spent in waiting for a connection.
  const postInTurn = limit((request: Request) => post(request, { ...options, url }), {
    count: MAX_CONNECTIONS,
  });

  return {
    async makeRequest({ headers, body }) {
      const { batch, writeKey, sentAt }: Batch = JSON.parse(body);
      const payloads = batch.map(sentPayload);
      await noted({
        authorization: headers.Authorization ?? '',
        body: JSON.stringify({ batch: payloads, writeKey, sentAt }),
      });
      for (const payload of payloads) onAcknowledged(payload);
      return ACKNOWLEDGED;
    },
    async idle() {
      await Promise.allSettled(inFlight);
    },
  };

  async function noted(request: Request): Promise<void> {
    const answered = postInTurn(request);
    inFlight.add(answered);
    try {
      await answered;
    } finally {
      inFlight.delete(answered);
    }
  }
}
