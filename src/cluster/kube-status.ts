import type { Dispatcher } from 'undici';
import { type Explanation, KubeStatusError } from './errors.ts';
import { firstBytes } from './response-body.ts';

/** How much of an error's body is read, in bytes, and for how long, in milliseconds. */
const ERROR_BODY = { limit: 65_536, timeoutMs: 5_000 };

/**
 * Returns a 2xx response. Throws a `KubeStatusError` for any other and frees its socket, whatever
 * its body: the status is enough.
 */
export async function checkStatus(
  response: Dispatcher.ResponseData,
): Promise<Dispatcher.ResponseData> {
  if (response.statusCode >= 200 && response.statusCode < 300) return response;
  const { reason, message, details } = statusIn(await errorText(response.body));
  const { date, 'retry-after': pause } = response.headers;
  const retryAfterMs = retryAfter(pause);
  throw statusError(response.statusCode, { reason, message, details, retryAfterMs, date });
}

async function errorText(body: Dispatcher.ResponseData['body']): Promise<string> {
  return await firstBytes(body, ERROR_BODY).then(
    ({ bytes }) => bytes.toString('utf8'),
    () => '',
  );
}

/** Returns the error for a `Status` object inside a watch. */
export function watchStatusError(status: unknown): KubeStatusError {
  const { code, reason, message, details } = (status ?? {}) as {
    readonly code?: unknown;
    readonly reason?: unknown;
    readonly message?: unknown;
    readonly details?: { readonly retryAfterSeconds?: unknown };
  };
  const seconds = Number(details?.retryAfterSeconds);
  return statusError(typeof code === 'number' ? code : 500, {
    reason,
    message,
    retryAfterMs: seconds > 0 ? seconds * 1000 : undefined,
  });
}

interface StatusFields {
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly causes?: unknown } | null | undefined;
}

function statusError(
  status: number,
  {
    reason,
    message,
    details,
    retryAfterMs,
    date,
  }: StatusFields & { readonly retryAfterMs: number | undefined; readonly date?: unknown },
): KubeStatusError {
  const oldest = status === 410 ? oldestIn(message) : undefined;
  return new KubeStatusError(status, {
    // A reason is one word defined by the API, such as NotFound or Expired.
    ...(typeof reason === 'string' && /^[A-Za-z]{1,40}$/.test(reason) ? { reason } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(oldest === undefined ? {} : { oldest }),
    ...(typeof date === 'string' ? { date } : {}),
    explanation: explanationOf({ message, details }),
  });
}

function explanationOf({ message, details }: StatusFields): Explanation {
  const causes = Array.isArray(details?.causes) ? details.causes : [];
  return {
    message: typeof message === 'string' ? message : '',
    causes: causes.map(
      (cause: { readonly field?: unknown; readonly message?: unknown } | null) => ({
        field: String(cause?.field ?? ''),
        message: String(cause?.message ?? ''),
      }),
    ),
  };
}

/**
 * Returns the resourceVersion in parentheses of `too old resource version: 292 (301)`. An API
 * server's watch cache begins there: after a restart, at the resourceVersion at which it was
 * filled.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/storage/cacher/watch_cache.go
 */
function oldestIn(message: unknown): string | undefined {
  return /^too old resource version: \d+ \((\d{1,20})\)$/.exec(String(message))?.[1];
}

function statusIn(text: string): StatusFields {
  try {
    return (JSON.parse(text) as StatusFields | null) ?? {};
  } catch {
    return {};
  }
}

/** Returns `Retry-After` in milliseconds. The API server sends only whole seconds. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  const seconds = Number(header);
  return header !== undefined && seconds > 0 ? seconds * 1000 : undefined;
}
