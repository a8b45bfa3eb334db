import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { abortable } from '../runtime/abortable.ts';
import { systemTime } from '../runtime/time.ts';
import { agentPool } from './agent-pool.ts';
import { credentials } from './credentials.ts';
import { hasStatus, isResponseTimeout, KubeStatusError } from './errors.ts';
import type { Kill } from './exec-plugins.ts';
import { checkStatus } from './kube-status.ts';
import { type KubeConfigSource, loadKubeConfig } from './kubeconfig.ts';

/** One request to the API server. */
export interface KubeRequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** How long the answer may be silent, in milliseconds. */
  readonly idleTimeoutMs?: number;
}

/**
 * Asks the API server. Resolves with a 2xx answer whose body is still to be read. Rejects with a
 * `KubeStatusError` for any other answer and with undici's error where there was none.
 */
export type KubeRequest = (
  path: string,
  options: KubeRequestOptions,
) => Promise<Dispatcher.ResponseData>;

/** A connection to one API server: one agent, few sockets. */
export interface Connection {
  readonly request: KubeRequest;
  /** The namespace that the credentials name, if any. */
  readonly namespace: string | undefined;
  /** Ends all sockets. */
  readonly close: () => Promise<void>;
}

const IDLE_TIMEOUT_MS = 30_000;
/** Three watches, the lease, and what comes and goes. */
const SOCKETS = 8;
/** For longer than it is from one renewal of the lease to the next, or each would begin with TLS. */
const KEEP_ALIVE_MS = 10_000;
/** HTTP/1.1: undici would reopen a watch that went silent on the same dead HTTP/2 session. */
const COMMON = {
  allowH2: false,
  connections: SOCKETS,
  pipelining: 1,
  keepAliveTimeout: KEEP_ALIVE_MS,
} as const;
/** Milliseconds: credentials and then the connection must be there, TCP probes an idle socket. */
const CONNECT = { timeout: 10_000, keepAliveInitialDelay: IDLE_TIMEOUT_MS } as const;

export interface ConnectOptions extends KubeConfigSource {
  /** As `process.kill`: ends an exec plugin that hangs together with what it has started. */
  readonly kill?: Kill;
}

/** Connects to the API server of a kubeconfig. No socket is opened before the first request. */
export function connect(source: ConnectOptions): Connection {
  let config = loadKubeConfig(source);
  let text = config.exportConfig();
  const { agentFor, retire, close } = agentPool((tls) => createAgent(config, tls));
  const { read, end } = credentials({ ...systemTime, kill: source.kill });

  /** Reads the kubeconfig again. One that is just being written is left for the next time. */
  function reload({ always }: { readonly always: boolean }): void {
    try {
      const next = loadKubeConfig(source);
      const nextText = next.exportConfig();
      // One that has not changed keeps what its plugin has handed over.
      if (!always && nextText === text) return;
      [config, text] = [next, nextText];
      end();
    } catch {}
  }

  /** The token, the certificates or the address may have changed: the next try has the new ones. */
  function reloadAfter(error: unknown): void {
    if (hasStatus(error, 401)) reload({ always: true });
    else if (!(error instanceof KubeStatusError)) reload({ always: false });
  }

  async function send(path: string, options: KubeRequestOptions): Promise<Dispatcher.ResponseData> {
    const used = config;
    const timeoutMs = Math.min(options.idleTimeoutMs ?? IDLE_TIMEOUT_MS, CONNECT.timeout);
    const tls = await read(used, { signal: options.signal, timeoutMs });
    const agent = agentFor(tls, used.getCurrentCluster()?.proxyUrl);
    const response = agent.request(requestOf(used, { path, tls, options }));
    try {
      // While undici connects it does not look at the signal.
      return await abortable(response, { signal: options.signal, discard });
    } catch (error) {
      // The other sockets may be as dead, and one after the other would be tried.
      if (isResponseTimeout(error)) retire(agent);
      throw error;
    }
  }

  return {
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    async request(path, options) {
      try {
        return await checkStatus(await send(path, options));
      } catch (error) {
        if (!options.signal.aborted) reloadAfter(error);
        throw error;
      }
    },
    async close() {
      end();
      await close();
    },
  };
}

interface RequestParts {
  readonly path: string;
  readonly tls: RequestOptions;
  readonly options: KubeRequestOptions;
}

function requestOf(
  config: KubeConfig,
  { path, tls, options }: RequestParts,
): Dispatcher.RequestOptions {
  const base = new URL(config.getCurrentCluster()?.server ?? '');
  const search = new URLSearchParams(options.query).toString();
  const idleTimeoutMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
  return {
    origin: base.origin,
    path: `${base.pathname.replace(/\/$/, '')}${path}${search && `?${search}`}`,
    method: options.method ?? 'GET',
    headers: headersOf(tls, options),
    body: options.body === undefined ? null : JSON.stringify(options.body),
    signal: options.signal,
    headersTimeout: Math.min(idleTimeoutMs, IDLE_TIMEOUT_MS),
    bodyTimeout: idleTimeoutMs,
  };
}

/** Frees the socket of an answer that nobody waits for any more. */
function discard({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => undefined).destroy();
}

function headersOf(tls: RequestOptions, options: KubeRequestOptions): Record<string, string> {
  const provided = (tls.headers ?? {}) as Record<string, string>;
  const entries = Object.entries(provided).map(([name, value]) => [name, String(value).trim()]);
  return {
    ...Object.fromEntries(entries),
    ...(tls.auth ? { Authorization: `Basic ${Buffer.from(tls.auth).toString('base64')}` } : {}),
    'User-Agent': 'kusk-gateway-manager',
    Accept: options.accept ?? 'application/json',
    ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
  };
}

function createAgent(config: KubeConfig, tls: RequestOptions): Dispatcher {
  const { ca, cert, key, servername, rejectUnauthorized } = tls;
  const provided = { ca, cert, key, servername, rejectUnauthorized };
  const material = Object.fromEntries(
    Object.entries(provided).filter(([, value]) => value !== undefined),
  );
  const proxy = config.getCurrentCluster()?.proxyUrl;
  if (!proxy) return new Agent({ ...COMMON, connect: { ...material, ...CONNECT } });
  return new ProxyAgent({
    ...COMMON,
    uri: proxy,
    requestTls: { ...material, ...CONNECT },
    proxyTls: { ...CONNECT, allowH2: false },
    // A CONNECT that is not answered ends: no request's signal reaches it.
    clientFactory: (origin, options) =>
      new Pool(origin, { ...options, headersTimeout: CONNECT.timeout }),
  });
}
