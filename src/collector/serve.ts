import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';

export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How long a request under way may go on after the abort, in milliseconds. */
  readonly graceMs: number;
  /** Told once: where it listens, as `127.0.0.1:8090` or `[::1]:8090`. */
  readonly onListening: (address: string) => void;
}

/** A sender that takes longer than this for one request is not one of ours. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Gives a `Run`: serves until aborted, then ends what is under way. Rejects if the port cannot be
 * had.
 */
export function serve(app: Hono, options: ServeOptions): (signal: AbortSignal) => Promise<void> {
  return async function run(signal) {
    if (signal.aborted) return;
    // Without the last option it would put its own Request and Response in place of Node's.
    const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, listener);
    const closed = Promise.withResolvers<void>();
    server.once('close', closed.resolve).once('error', closed.reject);
    server.listen(options.port, options.host, () => options.onListening(addressOf(server)));
    signal.addEventListener('abort', () => stop(server, options), { once: true });
    await closed.promise;
  };
}

/** `close` lets go of idle connections at once; the timer ends those of slow senders. */
function stop(server: Server, { graceMs }: ServeOptions): void {
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  server.close(() => clearTimeout(timer));
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}
