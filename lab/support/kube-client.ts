import { Agent } from 'undici';
import type { ControlPlane } from '../control-plane/start.ts';

/** What a test reads of an object. */
export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly resourceVersion: string;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

export interface KubeAnswer {
  readonly status: number;
  readonly object: KubeObject;
}

/** The admin's way to the API server, without kubectl: quick, and with many requests at the same time. */
export interface KubeClient extends AsyncDisposable {
  /** Rejects only where there was no answer. A `PATCH` is a merge patch. */
  readonly send: (method: Method, path: string, body?: object) => Promise<KubeAnswer>;
  /** As `send`, and rejects for any answer but a 2xx. */
  readonly must: (method: Method, path: string, body?: object) => Promise<KubeObject>;
  /** Yields the lines of a watch until the caller stops or the API server ends it. */
  readonly watch: (path: string) => Promise<AsyncIterable<WatchLine>>;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface WatchLine {
  readonly type: string;
  readonly object: KubeObject;
}

export function kubeClient({ server, authority }: KubeClientOptions): KubeClient {
  const { cert, key } = authority.issue({ commonName: 'admin', organizations: ['system:masters'] });
  const connect = { ca: authority.cert, cert, key };
  const agent = new Agent({ allowH2: false, connections: 32, connect, bodyTimeout: 0 });

  async function send(method: Method, path: string, body?: object): Promise<KubeAnswer> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await agent.request({
      origin: server,
      path,
      method,
      headers: { accept: 'application/json', ...(body && { 'content-type': type }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    // Of a group that it does not serve, the API server speaks in plain text.
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return { status: answer.statusCode, object: isJson ? JSON.parse(text) : { message: text } };
  }

  async function must(method: Method, path: string, body?: object): Promise<KubeObject> {
    const { status, object } = await send(method, path, body);
    if (status >= 200 && status < 300) return object;
    throw new Error(`${method} ${path}: ${status} ${JSON.stringify(object)}`);
  }

  async function watch(path: string): Promise<AsyncIterable<WatchLine>> {
    const answer = await agent.request({
      origin: server,
      path: `${path}?watch=true`,
      method: 'GET',
    });
    return objectsIn(answer.body.setEncoding('utf8'));
  }

  return { send, must, watch, [Symbol.asyncDispose]: () => agent.destroy() };
}

export type KubeClientOptions = Pick<ControlPlane, 'server' | 'authority'>;

async function* objectsIn(body: AsyncIterable<string>): AsyncGenerator<WatchLine> {
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as WatchLine;
  }
}
