/** An address that a server listens on. */
export interface HostPort {
  /** `undefined` if only a port is given. */
  readonly host: string | undefined;
  readonly port: number;
}

/**
 * Parses `HOST:PORT`, `[IPV6]:PORT` or `:PORT`. Returns `undefined` for anything else.
 *
 * @see https://pkg.go.dev/net#Listen
 */
export function parseHostPort(text: string): HostPort | undefined {
  const [, ipv6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  return { host: ipv6 ?? (name || undefined), port };
}
