import { withDeadline } from '../runtime/deadline.ts';
import { TemporaryDeliveryError } from './delivery-error.ts';
import { networkError } from './network-error.ts';
import type { Fetch } from './outbound.ts';
import { readToEnd, refusalOf } from './response.ts';

export interface PostOptions {
  readonly url: URL;
  readonly fetch: Fetch;
  /** The time limit from the first byte of the request to the last of the response, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborts a request in flight. Its reason is a `TemporaryDeliveryError`. */
  readonly signal: AbortSignal;
}

export interface Request {
  readonly authorization: string;
  /** JSON. */
  readonly body: string;
}

/** The same for every installation: no version, no host, nothing that identifies a sender. */
const HEADERS = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'content-type': 'application/json',
  'user-agent': 'kusk-gateway-telemetry',
} as const;

/**
 * Posts once. Resolves when the endpoint acknowledges the request: a 2xx response that is not an HTML
 * page and was read to its end. Rejects with a `DeliveryError` for everything else.
 */
export function post({ authorization, body }: Request, options: PostOptions): Promise<void> {
  const { url, fetch, timeoutMs, signal } = options;
  const late = () => new TemporaryDeliveryError(`no response within ${timeoutMs / 1000} s`);

  return withDeadline(send, { ms: timeoutMs, late, signal }).catch((error: unknown) => {
    throw networkError(error);
  });

  async function send(signal: AbortSignal): Promise<void> {
    const headers = { ...HEADERS, authorization };
    // Redirects are not followed: a login page must not count as an acknowledgement.
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal,
    });
    const refusal = refusalOf(response);
    if (refusal === undefined) return readToEnd(response);
    await response.body?.cancel();
    throw refusal;
  }
}
