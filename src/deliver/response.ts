import {
  type DeliveryError,
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from './delivery-error.ts';
import type { FetchResponse } from './outbound.ts';

/** Statuses below 500 after which a retry can succeed: RFC 9110, 8470 and 6585. */
const RETRYABLE = new Set([408, 425, 429]);

/** A response of Segment has about twenty bytes. A much longer one comes from something else. */
const MAX_RESPONSE_BYTES = 64 * 1024;

/** Returns the reason that a response is not an acknowledgement, or `undefined` if it is one. */
export function refusalOf({ status, headers }: FetchResponse): DeliveryError | undefined {
  if (status >= 200 && status < 300) {
    return isPage(headers.get('content-type'))
      ? new TemporaryDeliveryError('response is an HTML page (a login page?)')
      : undefined;
  }
  if (status < 400 && headers.has('location')) {
    return new TemporaryDeliveryError('redirected to another address (a login page?)');
  }
  const reason = `answered ${status}`;
  const isPermanent = status >= 400 && status < 500 && !RETRYABLE.has(status);
  return isPermanent
    ? new PermanentDeliveryError(reason, { status })
    : new TemporaryDeliveryError(reason, { status, retryAfterMs: retryAfterMs(headers) });
}

/**
 * Reads a response to its end, so that the connection can be reused.
 *
 * Rejects if the body is longer than 64 KB, and closes the connection.
 */
export async function readToEnd({ body }: FetchResponse): Promise<void> {
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (length > MAX_RESPONSE_BYTES) throw new TemporaryDeliveryError('response longer than 64 KB');
  }
}

function isPage(contentType: string | null): boolean {
  return contentType !== null && /^\s*(?:text\/html|application\/xhtml)/i.test(contentType);
}

/** Accepts both forms of RFC 9110, 10.2.3. A date is compared with the endpoint's own `Date`. */
function retryAfterMs(headers: FetchResponse['headers']): number | undefined {
  const value = headers.get('retry-after') ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const ms = Date.parse(value) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
