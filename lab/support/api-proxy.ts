import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { CertificateAuthority } from '../control-plane/certificates.ts';
import { serviceAccount } from '../control-plane/credentials.ts';
import type { ControlPlane } from '../control-plane/start.ts';
import { type OpenWatch, openWatch, type StreamState, write } from './open-watch.ts';

/** One request to the API server, and what came back of it through the proxy. */
export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Absent until there is an answer. */
  readonly status: number | undefined;
  /** All of the answer's body that has come so far; of a watch too. */
  readonly body: string;
}

/** An answer that the API server never gave. */
export interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A `Status` of the code where it is absent. */
  readonly body?: string;
}

export type { OpenWatch } from './open-watch.ts';

/** Says which requests go wrong and how: `hang` is never answered, `undefined` lets one pass. */
export type Faults = (
  request: Pick<Exchange, 'method' | 'url' | 'headers'>,
) => Fault | 'hang' | undefined;

/** A TLS proxy between the operator and a real API server: it records, and misbehaves as told. */
export interface ApiProxy extends AsyncDisposable {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  readonly watches: () => readonly OpenWatch[];
  readonly fail: (faults: Faults) => void;
  /** Every request passes again. */
  readonly mend: () => void;
  /** Breaks every connection, of requests and of watches. */
  readonly cutAll: () => void;
  /**
   * Presents a certificate of another authority and breaks every connection. Returns what brings that
   * authority into the kubeconfigs, as a rotation does: files are rewritten, processes are not restarted.
   */
  readonly changeAuthority: (next: CertificateAuthority) => () => Promise<void>;
  /** Writes a kubeconfig by which the API server is reached through here. */
  readonly kubeconfig: (user?: KubeconfigUser) => Promise<string>;
}

export interface KubeconfigUser {
  /** A file with a token; without it, each client is the proxy's account. */
  readonly tokenFile?: string;
}

export interface ApiProxyOptions {
  /** Who it is towards the API server where a request brings no token: the operator's own account. */
  readonly account?: { readonly name: string; readonly namespace: string };
  /** Whether exchanges are kept: all of them would fill the memory of a run of hours. */
  readonly record?: boolean;
}

const SELF = { commonName: 'proxy', hosts: ['127.0.0.1'] };
const OPERATOR = { name: 'kusk-gateway-telemetry', namespace: 'kusk-system' };
let made = 0;

export async function startApiProxy(
  cp: Pick<ControlPlane, 'server' | 'authority' | 'folder'>,
  { account = OPERATOR, record = true }: ApiProxyOptions = {},
): Promise<ApiProxy> {
  const { authority, server, folder } = cp;
  const exchanges: Exchange[] = [];
  const watches = new Set<OpenWatch>();
  const user = serviceAccount(account.name, account.namespace);
  const agents = {
    account: new HttpsAgent({
      ca: authority.cert,
      keepAlive: true,
      ...authority.issue({ commonName: user.name, organizations: user.groups ?? [] }),
    }),
    token: new HttpsAgent({ ca: authority.cert, keepAlive: true }),
  };
  let faults: Faults = () => undefined;
  let trusted = authority;
  const kubeconfigs = new Map<string, KubeconfigUser>();

  const proxy = createServer(authority.issue(SELF), (request, response) => {
    const { method = '', url = '', headers } = request;
    const exchange = { method, url, headers, status: undefined, body: '' };
    if (record) exchanges.push(exchange);
    response.on('error', () => undefined);
    const fault = faults(exchange);
    if (fault === 'hang') return;
    if (fault) return answerWith(fault, response, exchange);
    forward(request, response, exchange);
  });

  function forward(request: IncomingMessage, response: ServerResponse, exchange: Writable): void {
    const { method, url, headers } = exchange;
    const agent = headers.authorization ? agents.token : agents.account;
    const { host: _, connection: __, ...rest } = headers;
    const onward = httpsRequest(`${server}${url}`, { method, headers: rest, agent });
    response.on('close', () => onward.destroy());
    onward.on('error', () => response.destroy());
    onward.on('response', (answer) => {
      exchange.status = answer.statusCode;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      // The head alone shows the other end that its watch has begun.
      response.flushHeaders();
      pass(answer, response, exchange);
    });
    request.pipe(onward);
  }

  function pass(answer: IncomingMessage, response: ServerResponse, exchange: Writable): void {
    const state: StreamState = { silent: false, delayMs: 0, atLineEnd: true, inserts: [] };
    const watch = openWatch(exchange.url, response, state);
    if (exchange.url.includes('watch=true')) watches.add(watch);
    answer.on('error', () => response.destroy());
    answer.on('data', (chunk: Buffer) => {
      if (state.silent) return;
      if (record) exchange.body += chunk.toString('utf8');
      write(chunk, response, state);
      if (state.delayMs === 0) return;
      answer.pause();
      setTimeout(() => answer.resume(), state.delayMs);
    });
    answer.on('end', () => {
      if (!state.silent) response.end();
    });
    response.on('close', () => watches.delete(watch));
  }

  async function kubeconfig(user: KubeconfigUser = {}): Promise<string> {
    const path = join(folder, `proxy-${made++}.kubeconfig`);
    kubeconfigs.set(path, user);
    await writeKubeconfig(path);
    return path;
  }

  async function writeKubeconfig(path: string): Promise<void> {
    const { tokenFile } = kubeconfigs.get(path) ?? {};
    const text = Buffer.from(trusted.cert).toString('base64');
    const cluster = { server: url, 'certificate-authority-data': text };
    const config = {
      clusters: [{ name: 'proxy', cluster }],
      users: [{ name: 'user', user: tokenFile === undefined ? {} : { tokenFile } }],
      contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'user' } }],
      'current-context': 'proxy',
    };
    await writeFile(path, JSON.stringify(config));
  }

  function changeAuthority(next: CertificateAuthority) {
    proxy.setSecureContext(next.issue(SELF));
    proxy.closeAllConnections();
    return async () => {
      trusted = next;
      await Promise.all([...kubeconfigs.keys()].map(writeKubeconfig));
    };
  }

  // As an API server: a lease that is renewed every five seconds must not meet a socket that closes.
  proxy.keepAliveTimeout = 120_000;
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    url,
    exchanges,
    watches: () => [...watches],
    fail(next) {
      faults = next;
    },
    mend() {
      faults = () => undefined;
    },
    cutAll: () => proxy.closeAllConnections(),
    changeAuthority,
    kubeconfig,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      for (const agent of Object.values(agents)) agent.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

type Writable = { -readonly [Field in keyof Exchange]: Exchange[Field] };

function answerWith(fault: Fault, response: ServerResponse, exchange: Writable): void {
  const { status, headers = {} } = fault;
  exchange.status = status;
  exchange.body = fault.body ?? JSON.stringify({ kind: 'Status', apiVersion: 'v1', code: status });
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(exchange.body);
}
