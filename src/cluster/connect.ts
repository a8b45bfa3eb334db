import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { abortable } from '../runtime/abortable.ts';
import { systemTime } from '../runtime/time.ts';
import { agentPool } from './agent-pool.ts';
import { CONNECT_TIMEOUT_MS, createAgent, IDLE_TIMEOUT_MS } from './create-agent.ts';
import { credentials, type Login } from './credentials.ts';
import { hasStatus, isResponseTimeout, KubeStatusError, MissingContextError } from './errors.ts';
import type { Kill } from './exec-plugins.ts';
import { impersonationHeaders } from './impersonation.ts';
import { checkStatus } from './kube-status.ts';
import { type KubeConfigSource, loadKubeConfig, placeOf, serverOf } from './kubeconfig.ts';
import { MANAGER } from './object-names.ts';
import { type ServerProxySource, serverProxy } from './server-proxy.ts';

/** One request to the API server. */
export interface KubeRequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** The media type of `body`: `application/json`, or the kind of a patch. */
  readonly contentType?: string;
  readonly signal: AbortSignal;
  /** How long the response may be idle, in milliseconds. */
  readonly idleTimeoutMs?: number;
}

/**
 * Sends a request to the API server. Resolves with a 2xx response whose body is not yet read.
 * Rejects with a `KubeStatusError` for any other response, and with undici's error if there was none.
 */
export type KubeRequest = (
  path: string,
  options: KubeRequestOptions,
) => Promise<Dispatcher.ResponseData>;

/** A connection to one API server: one agent, few sockets. */
export interface Connection {
  readonly request: KubeRequest;
  /** The name of the kubeconfig's context; empty in a pod. */
  readonly context: string;
  /** The namespace that the credentials name, if any. */
  readonly namespace: string | undefined;
  /** The address of the API server, without a password. A kubeconfig that changes can have another one. */
  readonly server: string;
  /** Closes all sockets. */
  readonly close: () => Promise<void>;
}

export interface ConnectOptions extends KubeConfigSource, ServerProxySource {
  /** Same as `process.kill`. Kills a hanging exec plugin together with its child processes. */
  readonly kill?: Kill;
  /**
   * For a program at a terminal, which stays in the context that it began with. Without it, an exec plugin
   * is silent and may run for 30 s, and the `current-context` of a file that changes is followed.
   */
  readonly login?: Login;
  /** The program's name, for the API server's audit log and as the default field manager. */
  readonly userAgent?: string;
}

/** Creates a connection to the API server of a kubeconfig. The first request opens a socket. */
export function connect(source: ConnectOptions): Connection {
  let config = loadKubeConfig(source);
  let text = config.exportConfig();
  let proxy = serverProxy(config, source);
  let wasRefused = false;
  const { userAgent = MANAGER } = source;
  // A person may choose another context for the next command while this one runs.
  const sameContext = source.login ? { ...source, context: config.getCurrentContext() } : source;
  const { agentFor, retire, close } = agentPool(createAgent);
  const { read, end } = credentials({
    ...systemTime,
    kill: source.kill,
    login: source.login,
  });

  /**
   * Reads the kubeconfig again, and returns whether it still has the context. An incomplete file is ignored
   * until the next time.
   */
  function reload({ always }: { readonly always: boolean }): boolean {
    wasRefused = always;
    try {
      const next = loadKubeConfig(sameContext);
      const nextText = next.exportConfig();
      // An unchanged kubeconfig keeps the credentials from its plugin.
      if (!always && nextText === text) return true;
      proxy = serverProxy(next, source);
      [config, text] = [next, nextText];
      end();
      return true;
    } catch (error) {
      return !(error instanceof MissingContextError);
    }
  }

  /**
   * Reloads the kubeconfig if the error may be due to an outdated token, certificate or address. Returns the
   * error to reject with.
   */
  function reloadAfter(error: unknown): unknown {
    const wasDenied = hasStatus(error, 401);
    if (error instanceof KubeStatusError && !wasDenied) return error;
    if (reload({ always: wasDenied })) return error;
    return new MissingContextError('the kubeconfig no longer has the context in use', error);
  }

  async function send(path: string, options: KubeRequestOptions): Promise<Dispatcher.ResponseData> {
    // A login may have written the kubeconfig since the last request.
    if (wasRefused) reload({ always: false });
    const [activeConfig, activeProxy] = [config, proxy];
    const timeoutMs = Math.min(options.idleTimeoutMs ?? IDLE_TIMEOUT_MS, CONNECT_TIMEOUT_MS);
    const tls = await read(activeConfig, { signal: options.signal, timeoutMs });
    const agent = agentFor(tls, activeProxy);
    const parts = { path, tls, options, userAgent };
    const response = agent.request(requestOf(activeConfig, parts));
    try {
      // undici ignores the signal while it connects.
      return await abortable(response, { signal: options.signal, discard });
    } catch (error) {
      // The other sockets may be dead too. Retries would use one after the other.
      if (isResponseTimeout(error)) retire(agent);
      throw error;
    }
  }

  return {
    ...placeOf(config, source),
    get server() {
      return serverOf(config);
    },
    async request(path, options) {
      try {
        return await checkStatus(await send(path, options));
      } catch (error) {
        throw options.signal.aborted ? error : reloadAfter(error);
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
  readonly userAgent: string;
}

function requestOf(
  config: KubeConfig,
  { path, tls, options, userAgent }: RequestParts,
): Dispatcher.RequestOptions {
  const base = new URL(config.getCurrentCluster()?.server ?? '');
  const search = new URLSearchParams(options.query).toString();
  const idleTimeoutMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
  return {
    origin: base.origin,
    path: `${base.pathname.replace(/\/$/, '')}${path}${search && `?${search}`}`,
    method: options.method ?? 'GET',
    headers: {
      ...headersOf(tls, options),
      ...impersonationHeaders(config.getCurrentUser()),
      'User-Agent': userAgent,
    },
    body: options.body === undefined ? null : JSON.stringify(options.body),
    signal: options.signal,
    headersTimeout: Math.min(idleTimeoutMs, IDLE_TIMEOUT_MS),
    bodyTimeout: idleTimeoutMs,
  };
}

/** Frees the socket of a response whose caller was aborted. */
function discard({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => undefined).destroy();
}

function headersOf(tls: RequestOptions, options: KubeRequestOptions): Record<string, string> {
  const provided = (tls.headers ?? {}) as Record<string, string>;
  const entries = Object.entries(provided).map(([name, value]) => [name, String(value).trim()]);
  return {
    ...Object.fromEntries(entries),
    ...(tls.auth ? { Authorization: `Basic ${Buffer.from(tls.auth).toString('base64')}` } : {}),
    Accept: options.accept ?? 'application/json',
    ...(options.body === undefined
      ? {}
      : { 'Content-Type': options.contentType ?? 'application/json' }),
  };
}
