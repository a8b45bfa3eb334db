import { type DeliveryError, isDeliveryError, TemporaryDeliveryError } from './delivery-error.ts';

/** By `code`. Undici's errors about the address have only a message. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost before the response',
  EPIPE: 'connection lost before the response',
  UND_ERR_SOCKET: 'connection lost before the response',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name not found',
  EHOSTUNREACH: 'host not reachable',
  ENETUNREACH: 'network not reachable',
  ETIMEDOUT: 'connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  CERT_HAS_EXPIRED: 'certificate expired',
  CERT_NOT_YET_VALID: 'certificate not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is for another host',
  UND_ERR_HEADERS_OVERFLOW: 'response headers too long',
  UND_ERR_PRX_TLS: 'certificate of the proxy is for another host',
  UND_ERR_PRX_CONN: 'connection lost by the proxy',
  'bad port': 'port forbidden by the fetch standard',
  'unknown scheme': 'address is neither http nor https',
};

/** Codes of zlib for gzip, deflate and brotli. */
const UNDECODABLE = /^Z_|^ERR__|^ERR_BROTLI/;

const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN']);

const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|CERT_UNTRUSTED/;

/** Undici reports a proxy's status only in the message. */
const PROXY_STATUS = /^Proxy .*\((\d{3})\)/;

/** Returns the delivery error for a failed `fetch`. It is temporary unless it was one already. */
export function networkError(error: unknown): DeliveryError {
  const root = rootOf(error);
  if (isDeliveryError(root)) return root;
  const unresolved = UNRESOLVED.has(String((root as { readonly code?: unknown }).code));
  return new TemporaryDeliveryError(messageFor(root), { cause: error, unresolved });
}

/** `fetch` wraps the original error in errors without a code, or with a number as code. */
function rootOf(error: unknown): unknown {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return error;
  return 'code' in error && typeof error.code === 'string' ? error : rootOf(error.cause);
}

function messageFor(root: unknown): string {
  const { name, code, message } = root as Readonly<Record<string, unknown>>;
  const proxyStatus = PROXY_STATUS.exec(String(message))?.[1];
  if (proxyStatus !== undefined) return `the proxy answered ${proxyStatus}`;
  if (name === 'HTTPParserError') return 'response is not HTTP';
  if (typeof code !== 'string') return REASONS[String(message)] ?? 'request failed';
  if (UNTRUSTED.test(code)) return 'certificate not trusted';
  if (UNDECODABLE.test(code)) return 'response body cannot be decoded';
  return REASONS[code] ?? `request failed (${code})`;
}
