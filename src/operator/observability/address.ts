/** The address that a server listens on. */
export interface Address {
  readonly host: string | undefined;
  readonly port: number;
}

/**
 * Parses an address in the form of Go's `net.Listen`: `:8080`, `127.0.0.1:8080`, `[::1]:8080`. `0`
 * means no server, as in controller-runtime. Returns `undefined` for anything else.
 *
 * @see https://pkg.go.dev/net#Listen
 */
export function parseAddress(text: string): Address | 'none' | undefined {
  if (text === '0') return 'none';
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]*):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) return undefined;
  return { host: host ? host.replaceAll(/[[\]]/g, '') : undefined, port: Number(port) };
}
