import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Env } from './app.ts';
import { limitPipelining } from './pipelining.ts';

export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How long a request under way may go on after the abort, in milliseconds. */
  readonly graceMs: number;
  /** Called once: where it listens, as `127.0.0.1:8090` or `[::1]:8090`. */
  readonly onListening: (address: string) => void;
}

/**
 * How long a connection may take, in milliseconds. A body has its own, shorter time (`receive.ts`);
 * `requestTimeout` also ends what is only drained after a refusal.
 */
const TIMEOUTS = {
  /** From the connection, or the end of the last request, to the end of the headers. */
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  /** Longer than the 5 s after which Segment's Go client sends its next batch. */
  keepAliveTimeout: 10_000,
  /** How often the three above are looked at. */
  connectionsCheckingInterval: 1_000,
};
/** Connections that wait to be accepted; Linux takes 4096 at most. Node's 511 are few for a flood. */
const BACKLOG = 4_096;
/** A peer that reads nothing of a response, in milliseconds. */
const IDLE_TIMEOUT_MS = 30_000;

/**
 * Returns a `Run`: serves until aborted, then ends what is under way. Rejects if the port cannot be
 * had.
 */
export function serve(
  app: Hono<Env>,
  options: ServeOptions,
): (signal: AbortSignal) => Promise<void> {
  return async function run(signal) {
    if (signal.aborted) return;
    // Without the last option it would put its own Request and Response in place of Node's.
    const listener = limitPipelining(
      getRequestListener(app.fetch, { overrideGlobalObjects: false }),
    );
    const server = createServer(TIMEOUTS, listener);
    // Without this Node asks for the body before the key is checked.
    server.on('checkContinue', listener);
    server.setTimeout(IDLE_TIMEOUT_MS);
    const closed = Promise.withResolvers<void>();
    server.once('close', closed.resolve).once('error', closed.reject);
    const { host, port } = options;
    const listen = { host, port, backlog: BACKLOG };
    server.listen(listen, () => options.onListening(addressOf(server)));
    signal.addEventListener('abort', () => stop(server, options), { once: true });
    await closed.promise;
  };
}

/** `close` ends idle connections immediately; the timer ends those of slow senders. */
function stop(server: Server, { graceMs }: ServeOptions): void {
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  server.close(() => clearTimeout(timer));
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}
