import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What the proxy does with a request that has come in whole. */
export type Behaviour = (
  request: WholeRequest,
  response: ServerResponse,
  pass: Pass,
) => Promise<void> | void;

export interface WholeRequest {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer<ArrayBuffer>;
}

/** Forwards a request to the endpoint and returns its response. */
export type Pass = (request: WholeRequest) => Promise<{ status: number; text: string }>;

/** Stands before the endpoint and misbehaves as told. */
export interface SegmentProxy extends AsyncDisposable {
  readonly url: string;
  readonly behave: (behaviour: Behaviour) => void;
  /** Passes everything again, and breaks what is under way. */
  readonly mend: () => void;
}

/** Hands the request on, and the answer back. */
export const passing: Behaviour = async (request, response, pass) => {
  const { status, text } = await pass(request);
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
};

export async function startSegmentProxy(target: string): Promise<SegmentProxy> {
  let behaviour = passing;

  const pass: Pass = async ({ path, headers, body }) => {
    const answer = await fetch(`${target}${path}`, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.from(await buffer(request));
    const headers = chosen(request, ['authorization', 'content-type']);
    await behaviour({ path: request.url ?? '', headers, body }, response, pass);
  }

  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    // A client that breaks the connection gets no response, and needs none.
    serve(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behave(next) {
      behaviour = next;
    },
    mend() {
      behaviour = passing;
      server.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function chosen({ headers }: IncomingMessage, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]));
}
