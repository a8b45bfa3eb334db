import { isIPv4 } from 'node:net';
import { FlagError } from './flag-error.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `HOST:PORT`, `[::1]:PORT` and, for loopback, `:PORT`. Throws a `FlagError`. */
export function addressIn(text: string): ListenAddress {
  const [, ipv6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new FlagError(`--listen must be HOST:PORT, as in 127.0.0.1:8090, not "${text}".`);
  }
  return { host: ipv6 ?? (name || '127.0.0.1'), port };
}

/** Whether only this machine can get there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
