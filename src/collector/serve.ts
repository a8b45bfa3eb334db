import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Run } from '../runtime/run.ts';
import type { Env } from './app.ts';
import { closeIdleConnections } from './idle-connections.ts';
import { limitPipelining } from './pipelining.ts';

export interface ServeOptions {
  /** `undefined` listens on all addresses. */
  readonly host?: string | undefined;
  /** 0 takes a free port. */
  readonly port: number;
  /** How long a pending request may take after the abort, in milliseconds. */
  readonly graceMs: number;
  /** Called once with the address, such as `127.0.0.1:8090` or `[::1]:8090`. */
  readonly onListening: (address: string) => void;
}

/**
 * Limits of a connection, in milliseconds. A body has its own, shorter limit (`receive.ts`).
 * `requestTimeout` also ends a body that is only drained after a refusal.
 */
const TIMEOUTS = {
  /** From the connection, or the end of the last request, to the end of the headers. */
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  /** Longer than the 5 s after which Segment's Go client sends its next batch. */
  keepAliveTimeout: 10_000,
  /** How often the three limits above are checked. */
  connectionsCheckingInterval: 1_000,
};
/** Connections that wait to be accepted. Linux allows 4096; Node's default of 511 is too low for a flood. */
const BACKLOG = 4_096;
/** How long a peer may leave a response unread, in milliseconds. */
const IDLE_TIMEOUT_MS = 30_000;

/**
 * Returns a `Run` that serves until aborted and then completes the pending requests.
 *
 * Rejects if it cannot listen on the port.
 */
export function serve(app: Hono<Env>, options: ServeOptions): Run {
  return async function run(signal) {
    if (signal.aborted) return;
    // By default it replaces Node's global Request and Response by its own.
    const listener = limitPipelining(
      getRequestListener(app.fetch, { overrideGlobalObjects: false }),
    );
    const server = createServer(TIMEOUTS, listener);
    // By default Node requests the body before the key is checked.
    server.on('checkContinue', listener);
    server.setTimeout(IDLE_TIMEOUT_MS);
    closeIdleConnections(server);
    const closed = Promise.withResolvers<void>();
    server.once('close', closed.resolve).once('error', closed.reject);
    const { host, port } = options;
    const listen = { host, port, backlog: BACKLOG };
    server.listen(listen, () => options.onListening(addressOf(server)));
    signal.addEventListener('abort', () => stop(server, options), { once: true });
    await closed.promise;
  };
}

/** `close` ends idle connections immediately. The timer ends those of slow senders. */
function stop(server: Server, { graceMs }: ServeOptions): void {
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  server.close(() => clearTimeout(timer));
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}
