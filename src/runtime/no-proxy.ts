import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

interface Entry {
  /** Without a leading dot. */
  readonly host: string;
  /** Empty for any port. */
  readonly port: string;
  /** Whether the host itself matches, in addition to its subdomains. */
  readonly itself: boolean;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * Returns whether `NO_PROXY` exempts an address from the proxy, by the rules of Go's `httpproxy`.
 *
 * Entries are separated by commas or blanks, and case is ignored. An entry is an IP address, a range in
 * CIDR notation, a domain including its subdomains, `.example.com` or `*.example.com` for subdomains
 * only, or `*` for everything. An address or a domain may have a port. Names are not resolved. Any
 * other entry exempts nothing. Unlike there, an address of this machine has no exemption of its own: a proxy that is set is used.
 *
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 */
export function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const port = url.port || (DEFAULT_PORTS[url.protocol] ?? '');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry, { host, port }));
}

function matches(text: string, { host, port }: { host: string; port: string }): boolean {
  if (text === '*') return true;
  const [, range = '', prefix = ''] = /^(.*)\/(\d+)$/.exec(text) ?? [];
  if (isIP(range)) return isWithin(host, range, Number(prefix));
  const entry = entryOf(text);
  if (entry === undefined || (entry.port !== '' && entry.port !== port)) return false;
  if (isIP(entry.host)) return isWithin(host, entry.host, bitsOf(entry.host));
  return (entry.itself && host === entry.host) || host.endsWith(`.${entry.host}`);
}

/** Compares values: `::ffff:10.0.0.1` equals `10.0.0.1`, and an IPv6 address has many spellings. */
function isWithin(host: string, range: string, prefix: number): boolean {
  if (!isIP(host) || prefix > bitsOf(range)) return false;
  const list = new BlockList();
  list.addSubnet(range, prefix, familyOf(range));
  return list.check(host, familyOf(host));
}

function bitsOf(address: string): number {
  return isIP(address) === 4 ? 32 : 128;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}

function entryOf(text: string): Entry | undefined {
  const [, bracketed, bare, port = ''] =
    /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(isIP(text) === 6 ? `[${text}]` : text) ?? [];
  const host = bracketed ?? bare;
  if (host === undefined) return undefined;
  const below = /^\*?\.(.*)$/.exec(host)?.[1];
  const name = (below ?? host).replace(/\.$/, '');
  if (name === '') return undefined;
  return { host: domainToASCII(name) || name, port, itself: below === undefined };
}
