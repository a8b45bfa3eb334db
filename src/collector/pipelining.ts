import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** The most requests of one connection without a response. Official clients wait for each response. */
const MAX_PENDING = 16;

/**
 * Wraps a listener so that it closes a connection that sends requests without waiting for responses.
 *
 * Node parses all requests of a chunk before it serves another connection. Thousands of requests in
 * one chunk would block the thread for all other senders. A client must expect that a connection
 * closes, and repeats the requests that have no response.
 *
 * A request counts as pending until the turn of the event loop after its response, because some
 * responses are ready before Node parses the next request. `setImmediate` is that turn: no time
 * passes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2
 */
export function limitPipelining(listener: RequestListener): RequestListener {
  const pendingBySocket = new WeakMap<Socket, number>();

  function add(socket: Socket, change: 1 | -1): number {
    const count = (pendingBySocket.get(socket) ?? 0) + change;
    pendingBySocket.set(socket, count);
    return count;
  }

  return (request, response) => {
    const { socket } = request;
    // The rest of the last chunk, after the connection was closed.
    if (socket.destroyed) return;
    response.once('close', () => setImmediate(() => add(socket, -1)));
    if (add(socket, 1) > MAX_PENDING) socket.destroy();
    else listener(request, response);
  };
}
