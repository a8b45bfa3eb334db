import { type HostPort, parseHostPort } from '../../runtime/host-port.ts';

/** The address that a server listens on. */
export type Address = HostPort;

/**
 * Parses an address such as `:8080`, `127.0.0.1:8080` or `[::1]:8080`. Returns `undefined` for
 * anything else.
 *
 * `0` means no server, as in controller-runtime.
 */
export function parseAddress(text: string): Address | 'none' | undefined {
  return text === '0' ? 'none' : parseHostPort(text);
}
