import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that may be under way. Official clients wait for each response. */
const MAX_PENDING = 16;

/**
 * Wraps a listener so that it ends a connection that sends requests without waiting for responses.
 *
 * Node parses all requests of a chunk before it looks at another connection: by thousands of them, one
 * sender would keep the thread from all others. A client has to expect the end of a connection, and
 * sends again what has no response.
 *
 * A request is under way until the turn of the event loop after its response, since some responses
 * are ready before Node parses the next request. `setImmediate` is that turn: no time passes.
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
    // What is left of the last chunk.
    if (socket.destroyed) return;
    response.once('close', () => setImmediate(() => add(socket, -1)));
    if (add(socket, 1) > MAX_PENDING) socket.destroy();
    else listener(request, response);
  };
}
