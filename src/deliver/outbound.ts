import {
  Agent,
  type Dispatcher,
  fetch,
  Pool,
  ProxyAgent,
  type RequestInit,
  type Response,
} from 'undici';
import type { Environment } from '../runtime/environment.ts';
import { type ProxyAddress, proxyFor } from '../runtime/proxy-settings.ts';
import { TemporaryDeliveryError } from './delivery-error.ts';

export type FetchResponse = Pick<Response, 'status' | 'headers' | 'body'>;
export type Fetch = (url: URL, init: RequestInit) => Promise<FetchResponse>;

export interface Outbound {
  readonly fetch: Fetch;
  /** Destroys all sockets. Requests in flight reject. */
  readonly close: () => Promise<void>;
}

export interface OutboundOptions {
  /** Read: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. A lower-case name takes precedence. */
  readonly environment: Environment;
}

/** Connections per address. With HTTP/1.1, each carries one request at a time. */
export const MAX_CONNECTIONS = 4;

/**
 * How long each of an endpoint's addresses but the last may take to connect, in milliseconds. Node's 250 are too short for a
 * distant one, or if a packet is lost: without a way to the others, it would never be reached. Events are sent in the background.
 *
 * @see https://nodejs.org/api/net.html#socketconnectoptions-connectlistener (`autoSelectFamilyAttemptTimeout`)
 */
const ADDRESSES = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 2_500 } as const;

/**
 * HTTP/1.1 only: over HTTP/2, undici keeps using a connection that is dead but not closed.
 * `headersTimeout` ends a CONNECT without a response, which the signal of a request can't abort.
 */
const CONNECTIONS = {
  allowH2: false,
  connections: MAX_CONNECTIONS,
  keepAliveTimeout: 5_000,
  keepAliveMaxTimeout: 5_000,
  headersTimeout: 30_000,
  ...ADDRESSES,
} as const;

/** `fetch` adds these for browsers. They have no use here. */
const BROWSER_HEADERS = ['accept-language', 'sec-fetch-mode'];

/**
 * Returns a `fetch` that uses the proxies of the environment and the certificates that Node trusts,
 * including `NODE_EXTRA_CA_CERTS`. Opens no socket before the first request.
 *
 * `fetch` rejects with a `TemporaryDeliveryError` if the address of a proxy is malformed.
 */
export function connectOutbound({ environment }: OutboundOptions): Outbound {
  const agents = new Map<string, Dispatcher>();

  function agentFor(url: URL): Dispatcher {
    const proxy = usableProxy(url, environment);
    const key = JSON.stringify(proxy ?? 'none');
    const agent = agents.get(key) ?? openAgent(proxy);
    agents.set(key, agent);
    return agent;
  }

  return {
    async fetch(url, init) {
      return fetch(url, {
        ...init,
        dispatcher: agentFor(url).compose(withoutBrowserHeaders, failingOn407),
      });
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

function usableProxy(url: URL, environment: Environment): ProxyAddress | undefined {
  try {
    return proxyFor(url, environment);
  } catch (error) {
    throw new TemporaryDeliveryError((error as Error).message);
  }
}

function openAgent(proxy: ProxyAddress | undefined): Dispatcher {
  // Undici creates some pools of a proxy without the options above.
  const options = { ...CONNECTIONS, factory: openPool, clientFactory: openPool };
  if (proxy === undefined) return new Agent(options);
  const { uri, token } = proxy;
  const login = token === undefined ? {} : { token };
  return new ProxyAgent({ ...options, ...login, uri, proxyTls: { allowH2: false, ...ADDRESSES } });
}

function openPool(origin: string | URL, options: object): Pool {
  return new Pool(origin, { ...options, ...CONNECTIONS });
}

function withoutBrowserHeaders(dispatch: Dispatcher['dispatch']): Dispatcher['dispatch'] {
  return (options, handler) => {
    const headers = { ...(options.headers as Record<string, string>) };
    for (const name of BROWSER_HEADERS) delete headers[name];
    return dispatch({ ...options, headers }, handler);
  };
}

/** `fetch` hides a 407 of the endpoint and leaves its body unread, which would block the connection. */
function failingOn407(dispatch: Dispatcher['dispatch']): Dispatcher['dispatch'] {
  return (options, handler) => {
    const { onResponseStart } = handler;
    handler.onResponseStart = (controller, status, ...rest) => {
      if (status !== 407) return onResponseStart?.call(handler, controller, status, ...rest);
      return controller.abort(new TemporaryDeliveryError('answered 407', { status }));
    };
    return dispatch(options, handler);
  };
}
