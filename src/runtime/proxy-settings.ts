import type { Environment } from './environment.ts';
import { isExempt } from './no-proxy.ts';
import { trimmed } from './trim.ts';

export interface ProxyAddress {
  /** Without user and password. */
  readonly uri: string;
  /** The value of `Proxy-Authorization`. */
  readonly token: string | undefined;
}

/**
 * Returns the proxy for an address from the usual variables, or `undefined` for none. Lower case takes
 * precedence over upper case, as in curl. An `https:` address uses `HTTP_PROXY` if there is no `HTTPS_PROXY`.
 *
 * @throws Error if the proxy's address is malformed. It names the variable, but not its value.
 */
export function proxyFor(url: URL, environment: Environment): ProxyAddress | undefined {
  const names = url.protocol === 'https:' ? ['HTTPS_PROXY', 'HTTP_PROXY'] : ['HTTP_PROXY'];
  const name = names.find((candidate) => read(candidate, environment) !== '');
  if (name === undefined || isExempt(url, read('NO_PROXY', environment))) return undefined;
  const value = read(name, environment);
  const proxy = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (proxy !== null && /^https?:$/.test(proxy.protocol)) {
    return { uri: proxy.origin, token: tokenOf(proxy) };
  }
  // The value may contain a password.
  throw new Error(`${name} must be the address of a proxy, such as http://proxy.example:3128`);
}

function read(name: string, environment: Environment): string {
  return trimmed(environment[name.toLowerCase()] ?? '') || trimmed(environment[name] ?? '');
}

function tokenOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** A per cent sign that does not start an encoded character is kept. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
