import { isIP } from 'node:net';
import { hostNameIn } from '../web/host-name.ts';

/** Where the dashboard is served. */
export interface BoundAddress {
  /** An IP address, as a browser writes it. */
  readonly address: string;
  readonly port: number;
}

/** The headers of a request that say where it comes from. */
export interface OriginHeaders {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`. Browsers send it to loopback addresses and over TLS. */
  readonly site: string | undefined;
}

/** Addresses that stand for all of a machine, each with one of them. */
const WILDCARDS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
/** No browser says so of a request that another site has caused. */
const OWN_SITES: readonly (string | undefined)[] = [undefined, 'none', 'same-origin'];

/** Returns `127.0.0.1:8080` or `[::1]:8080`, as a browser writes it: without the port if it is 80. */
export function hostOf({ address, port }: BoundAddress): string {
  const host = isIP(address) === 6 ? `[${address}]` : address;
  return port === 80 ? host : `${host}:${port}`;
}

/** Returns whether a server is reached by every address of its machine. */
export function isWildcard({ address }: Pick<BoundAddress, 'address'>): boolean {
  return address in WILDCARDS;
}

/** Returns the address of the first page, as a person opens it on this machine. */
export function pageAddress({ address, port }: BoundAddress): string {
  return `http://${hostOf({ address: WILDCARDS[address] ?? address, port })}/`;
}

/** Returns where the dashboard is, as part of a sentence for somebody who may be at another machine. */
export function placeText(bound: BoundAddress): string {
  return isWildcard(bound)
    ? `opened by an IP address of its machine, with port ${bound.port}`
    : `at ${pageAddress(bound)}`;
}

/**
 * Returns whether `Host` names this server, so that the name of another one, which resolves to this
 * machine (DNS rebinding), does not reach it.
 *
 * A wildcard address is reached by any IP address: rebinding needs a name.
 */
export function isOwnHost(host: string | undefined, bound: BoundAddress): boolean {
  if (host === undefined) return false;
  const { address, port } = bound;
  const names = [address, '127.0.0.1', 'localhost', '::1'];
  if (names.some((name) => hostOf({ address: name, port }) === host.toLowerCase())) return true;
  if (!isWildcard(bound)) return false;
  const name = hostNameIn(host) ?? '';
  return isIP(name) > 0 && hostOf({ address: name, port }) === host.toLowerCase();
}

/** Returns whether a request comes from a page of this server, or from no page at all. */
export function isOwnOrigin({ host, origin, site }: OriginHeaders): boolean {
  if (!OWN_SITES.includes(site)) return false;
  return origin === undefined || origin.toLowerCase() === `http://${host?.toLowerCase()}`;
}
