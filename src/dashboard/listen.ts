import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListenOptions {
  /** An IP address. */
  readonly address: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** How many ports after one that can't be used are tried. */
const FURTHER_PORTS = 20;
/** The ports up to this one need rights of their own on most systems. */
const HIGHEST_PRIVILEGED_PORT = 1_023;
const HIGHEST_PORT = 65_535;

/**
 * Listens on the port, or on the next free one if it is in use or reserved. Resolves with the port.
 *
 * Rejects with Node's error: `EADDRINUSE`, and above port 1023 also `EACCES`, only if 20 further ports can't
 * be used either. Windows has ranges of reserved ports, for which the error is `EACCES`.
 *
 * @see https://github.com/microsoft/WSL/issues/5514
 */
export async function listen(server: Server, { address, port }: ListenOptions): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + FURTHER_PORTS, HIGHEST_PORT);
  for (let next = port; ; next += 1) {
    try {
      return await listenOn(server, { address, port: next });
    } catch (error) {
      if (!isTaken(error, next) || next >= last) throw error;
    }
  }
}

/** Returns whether a port can't be listened on because it is in use, or reserved by the system. */
export function isTaken(error: unknown, port: number): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' || (code === 'EACCES' && port > HIGHEST_PRIVILEGED_PORT);
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
