import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListenOptions {
  /** An IP address. */
  readonly address: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** How many ports after a used one are tried. */
const FURTHER_PORTS = 20;
const HIGHEST_PORT = 65_535;

/**
 * Listens on the port, or on the next free one if it is in use. Resolves with the port.
 *
 * Rejects with Node's error: `EADDRINUSE` only if 20 further ports are in use too.
 */
export async function listen(server: Server, { address, port }: ListenOptions): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + FURTHER_PORTS, HIGHEST_PORT);
  for (let next = port; ; next += 1) {
    try {
      return await listenOn(server, { address, port: next });
    } catch (error) {
      const isUsed = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isUsed || next >= last) throw error;
    }
  }
}

async function listenOn(server: Server, { address, port }: ListenOptions): Promise<number> {
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen({ host: address, port }, listening.resolve);
  try {
    await listening.promise;
  } finally {
    server.removeListener('error', listening.reject);
    server.removeListener('listening', listening.resolve);
  }
  return (server.address() as AddressInfo).port;
}
