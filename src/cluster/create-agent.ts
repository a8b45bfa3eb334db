import type { RequestOptions } from 'node:https';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { ProxyAddress } from '../runtime/proxy-settings.ts';

/** How long a response may be idle by default, in milliseconds. */
export const IDLE_TIMEOUT_MS = 30_000;
/** Enough for three watches, the lease and short requests. */
const SOCKETS = 8;
/** Longer than the interval between lease renewals, which then need no TLS handshake. */
const KEEP_ALIVE_MS = 10_000;
/** HTTP/1.1 only: undici would reopen an idle watch on the same dead HTTP/2 session. */
const COMMON = {
  allowH2: false,
  connections: SOCKETS,
  pipelining: 1,
  keepAliveTimeout: KEEP_ALIVE_MS,
} as const;
/** The limit for credentials, and then for the connection, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 10_000;
/**
 * Each of a server's addresses but the last has a second. Node's 250 ms are too short for a distant one, which would never be
 * reached without a way to the others.
 */
const CONNECT = {
  timeout: CONNECT_TIMEOUT_MS,
  keepAliveInitialDelay: IDLE_TIMEOUT_MS,
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: 1_000,
} as const;

/** Creates the owner of the sockets to an API server, with the certificates of `tls`. */
export function createAgent(tls: RequestOptions, proxy: ProxyAddress | undefined): Dispatcher {
  const { ca, cert, key, servername, rejectUnauthorized } = tls;
  const provided = Object.entries({ ca, cert, key, servername, rejectUnauthorized });
  const material = Object.fromEntries(provided.filter(([, value]) => value !== undefined));
  if (!proxy) return new Agent({ ...COMMON, connect: { ...material, ...CONNECT } });
  return new ProxyAgent({
    ...COMMON,
    uri: proxy.uri,
    ...(proxy.token === undefined ? {} : { token: proxy.token }),
    requestTls: { ...material, ...CONNECT },
    proxyTls: { ...CONNECT, allowH2: false },
    // Limits a CONNECT without a response: no request's signal reaches it.
    clientFactory: (origin, options) =>
      new Pool(origin, { ...options, headersTimeout: CONNECT.timeout }),
  });
}
