/** Where a server listens. */
export interface Address {
  readonly host: string | undefined;
  readonly port: number;
}

/**
 * Reads an address as Go's `net.Listen` takes it: `:8080`, `127.0.0.1:8080`, `[::1]:8080`. `0` alone
 * means that there is no server, as in controller-runtime. Gives `undefined` for anything else.
 */
export function parseAddress(text: string): Address | 'none' | undefined {
  if (text === '0') return 'none';
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]*):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) return undefined;
  return { host: host ? host.replaceAll(/[[\]]/g, '') : undefined, port: Number(port) };
}
