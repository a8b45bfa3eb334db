import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

export interface Listening {
  readonly url: URL;
  readonly port: number;
  /** The open connections. */
  readonly sockets: ReadonlySet<Socket>;
  /** How many connections were ever opened. */
  readonly accepted: () => number;
  /** Resolves once no connection is open. */
  readonly drained: () => Promise<void>;
}

/** Listens on a free port of the loopback interface until the test is over. */
export async function listening(
  server: Server,
  t: TestContext,
  scheme = 'http',
): Promise<Listening> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`${scheme}://127.0.0.1:${port}`),
    port,
    sockets,
    accepted: () => accepted,
    async drained() {
      const closed = [...sockets].map(
        (socket) => new Promise<void>((resolve) => socket.on('close', () => resolve())),
      );
      await Promise.all(closed);
    },
  };
}

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly messageIds: readonly string[];
}

export type Answer = (response: http.ServerResponse, request: Received) => void;

export const success: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"success": true}');
};

/** Starts a collector of batches that records each request and responds with `answer`. */
export async function endpoint(t: TestContext, answer: Answer = success) {
  const received: Received[] = [];
  const server = http.createServer(receive(received, answer));
  return { ...(await listening(server, t)), received };
}

export function receive(received: Received[], answer: Answer): http.RequestListener {
  return async (request, response) => {
    const { batch } = JSON.parse(await text(request));
    const { method = '', url = '', headers } = request;
    const messageIds = batch.map(({ messageId }: { messageId: string }) => messageId);
    received.push({ method, url, headers, messageIds });
    answer(response, { method, url, headers, messageIds });
  };
}
