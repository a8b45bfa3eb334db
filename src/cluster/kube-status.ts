import type { Dispatcher } from 'undici';
import { KubeStatusError } from './errors.ts';
import { firstBytes } from './response-body.ts';

/** How much of an error's body is read, in bytes, and for how long, in milliseconds. */
const ERROR_BODY = { limit: 65_536, timeoutMs: 5_000 };

/**
 * Returns a 2xx response; turns any other into a `KubeStatusError` and frees its socket, whatever
 * its body is like: the status says enough.
 */
export async function checked(answer: Dispatcher.ResponseData): Promise<Dispatcher.ResponseData> {
  if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
  const reason = reasonIn(await errorText(answer.body));
  const retryAfterMs = retryAfter(answer.headers['retry-after']);
  throw statusError(answer.statusCode, reason, retryAfterMs);
}

async function errorText(body: Dispatcher.ResponseData['body']): Promise<string> {
  return await firstBytes(body, ERROR_BODY).then(
    ({ bytes }) => bytes.toString('utf8'),
    () => '',
  );
}

/** The error for a `Status` object that came inside a watch. */
export function statusInWatch(status: unknown): KubeStatusError {
  const { code, reason, details } = (status ?? {}) as {
    readonly code?: unknown;
    readonly reason?: unknown;
    readonly details?: { readonly retryAfterSeconds?: unknown };
  };
  const seconds = Number(details?.retryAfterSeconds);
  return statusError(
    typeof code === 'number' ? code : 500,
    typeof reason === 'string' ? reason : undefined,
    seconds > 0 ? seconds * 1000 : undefined,
  );
}

function statusError(
  status: number,
  reason: string | undefined,
  retryAfterMs: number | undefined,
): KubeStatusError {
  return new KubeStatusError(status, {
    // A reason is one word of the API's own, such as NotFound or Expired.
    ...(reason && /^[A-Za-z]{1,40}$/.test(reason) ? { reason } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function reasonIn(text: string): string | undefined {
  try {
    const { reason } = JSON.parse(text) as { readonly reason?: unknown };
    return typeof reason === 'string' ? reason : undefined;
  } catch {
    return undefined;
  }
}

/** `Retry-After` in whole seconds, the only form that the API server sends. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  const seconds = Number(header);
  return header !== undefined && seconds > 0 ? Math.min(seconds, 3_600) * 1000 : undefined;
}
