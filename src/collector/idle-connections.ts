import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Closes the connections of a server that time out, unless they wait for a response of ours.
 *
 * So a first read of the numbers may take minutes, and a peer that does not read its response is closed all the same.
 */
export function closeIdleConnections(server: Server): void {
  /** The responses of a connection that have not ended, oldest first. Later ones wait for the first. */
  const pending = new WeakMap<Socket, Set<ServerResponse>>();

  function add({ socket }: IncomingMessage, response: ServerResponse): void {
    const responses = pending.get(socket) ?? new Set();
    pending.set(socket, responses.add(response));
    response.once('close', () => responses.delete(response));
  }

  server.prependListener('request', add).prependListener('checkContinue', add);
  server.on('timeout', (socket) => {
    const [oldest] = pending.get(socket) ?? [];
    if (oldest === undefined || oldest.headersSent) socket.destroy();
  });
}
