import { withDeadline } from '../runtime/deadline.ts';
import { TemporaryDeliveryError } from './delivery-error.ts';
import { networkError } from './network-error.ts';
import type { Fetch } from './outbound.ts';
import { readToEnd, refusalOf } from './response.ts';

export interface PostOptions {
  readonly url: URL;
  readonly fetch: Fetch;
  /** From the first byte of the request to the last of the answer. */
  readonly timeoutMs: number;
  /** Ends a request that is under way. Its reason is a `TemporaryDeliveryError`. */
  readonly signal: AbortSignal;
}

export interface Request {
  readonly authorization: string;
  /** JSON. */
  readonly body: string;
}

/** Constant for every installation: no version, no host, nothing to tell one sender from another. */
const HEADERS = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'content-type': 'application/json',
  'user-agent': 'kusk-gateway-telemetry',
} as const;

/**
 * Posts once. Resolves when the receiver has acknowledged the request, which is a 2xx that is not
 * a web page, read to its end. Rejects with a `DeliveryError` for everything else.
 */
export function post({ authorization, body }: Request, options: PostOptions): Promise<void> {
  const { url, fetch, timeoutMs, signal } = options;
  const late = () => new TemporaryDeliveryError(`no answer within ${timeoutMs / 1000} s`);

  return withDeadline(ask, { ms: timeoutMs, late, signal }).catch((error: unknown) => {
    throw networkError(error);
  });

  async function ask(signal: AbortSignal): Promise<void> {
    const headers = { ...HEADERS, authorization };
    // Not followed: a login page in between must not count as Segment.
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    const refusal = refusalOf(answer);
    if (refusal === undefined) return readToEnd(answer);
    await answer.body?.cancel();
    throw refusal;
  }
}
