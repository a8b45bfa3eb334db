import { type DeliveryError, isDeliveryError, TemporaryDeliveryError } from './delivery-error.ts';

/** By `code`; undici's errors about the address have a message only. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost before the answer',
  EPIPE: 'connection lost before the answer',
  UND_ERR_SOCKET: 'connection lost before the answer',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name not found',
  EHOSTUNREACH: 'host not reachable',
  ENETUNREACH: 'network not reachable',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  CERT_HAS_EXPIRED: 'certificate expired',
  CERT_NOT_YET_VALID: 'certificate not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is for another host',
  UND_ERR_HEADERS_OVERFLOW: 'answered with headers that are too long',
  UND_ERR_PRX_TLS: 'certificate of the proxy is for another host',
  UND_ERR_PRX_CONN: 'connection lost by the proxy',
  'bad port': 'port that the fetch standard forbids',
  'unknown scheme': 'address is neither http nor https',
};

/** Of zlib, for gzip, deflate and brotli. */
const UNDECODABLE = /^Z_|^ERR__|^ERR_BROTLI/;

const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN']);

const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|CERT_UNTRUSTED/;

/** What undici says of a proxy's answer is found in its message only. */
const PROXY_STATUS = /^Proxy .*\((\d{3})\)/;

/** Why `fetch` came back without an answer, as an error that is worth another try. */
export function networkError(error: unknown): DeliveryError {
  const root = rootOf(error);
  if (isDeliveryError(root)) return root;
  const unresolved = UNRESOLVED.has(String((root as { readonly code?: unknown }).code));
  return new TemporaryDeliveryError(reasonOf(root), { cause: error, unresolved });
}

/** `fetch` wraps what happened in errors that have no code, or a number for one. */
function rootOf(error: unknown): unknown {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return error;
  return 'code' in error && typeof error.code === 'string' ? error : rootOf(error.cause);
}

function reasonOf(root: unknown): string {
  const { name, code, message } = root as Readonly<Record<string, unknown>>;
  const proxyStatus = PROXY_STATUS.exec(String(message))?.[1];
  if (proxyStatus !== undefined) return `the proxy answered ${proxyStatus}`;
  if (name === 'HTTPParserError') return 'answered something else than HTTP';
  if (typeof code !== 'string') return REASONS[String(message)] ?? 'request failed';
  if (UNTRUSTED.test(code)) return 'certificate not trusted';
  if (UNDECODABLE.test(code)) return 'answered with a body that cannot be decoded';
  return REASONS[code] ?? `request failed (${code})`;
}
