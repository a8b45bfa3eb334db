import { isIP } from 'node:net';

/** Returns the name or the address in a `Host`, without port and brackets. `undefined` if it is none. */
export function hostNameIn(host: string): string | undefined {
  const [, ipv6, name] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(host) ?? [];
  return ipv6 ?? name;
}

/**
 * Returns whether a `Host` is an IP address or `localhost`, with any port.
 *
 * A page of another site reaches this machine by DNS rebinding only under its own name.
 */
export function isAddressHost(host: string): boolean {
  const name = hostNameIn(host)?.toLowerCase() ?? '';
  return name === 'localhost' || isIP(name) > 0;
}
