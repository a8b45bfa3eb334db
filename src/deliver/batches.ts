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
  /** The time limit of one request, to the end of its response, in milliseconds. */
  readonly timeoutMs: number;
  /** Called once for each acknowledged message, with the payload as sent. Must not throw. */
  readonly onAcknowledged: (payload: SentPayload) => void;
  /** Aborts all requests, current and future. */
  readonly signal: AbortSignal;
}

export interface Batches extends HTTPClient {
  /** Resolves once no request is in flight. */
  readonly idle: () => Promise<void>;
}

interface Batch {
  readonly batch: readonly SentPayload[];
  readonly writeKey: string;
  readonly sentAt: string;
}

const ACKNOWLEDGED = { status: 200, statusText: 'OK' } as const;

/**
 * The HTTP client of the SDK. Removes the fields that the SDK added and posts the rest to the
 * endpoint, whatever URL the SDK requests.
 *
 * Returns 200 to the SDK or throws a `DeliveryError`. It returns no other status, because the SDK
 * would treat a redirect as success and sleep on a 429.
 */
export function batches({ endpoint, onAcknowledged, ...options }: BatchesOptions): Batches {
  const url = batchUrl(endpoint);
  const inFlight = new Set<Promise<void>>();
  // So that the time limit of a request does not include the wait for a connection.
  const postLimited = limit((request: Request) => post(request, { ...options, url }), {
    count: MAX_CONNECTIONS,
  });

  return {
    async makeRequest({ headers, body }) {
      const { batch, writeKey, sentAt }: Batch = JSON.parse(body);
      const payloads = batch.map(sentPayload);
      await send({
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

  async function send(request: Request): Promise<void> {
    const response = postLimited(request);
    inFlight.add(response);
    try {
      await response;
    } finally {
      inFlight.delete(response);
    }
  }
}
