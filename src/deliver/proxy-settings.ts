export type Environment = Readonly<Record<string, string | undefined>>;

export interface ProxySettings {
  /** For `http:` addresses. Empty for none; `undefined` would make undici read `process.env`. */
  readonly httpProxy: string;
  /** For `https:` addresses. Where it is empty, undici takes `httpProxy`. */
  readonly httpsProxy: string;
  /** Host names, with or without their port, divided by commas or blanks; `*` for all. */
  readonly noProxy: string;
}

/** Reads the usual variables for proxies. Lower case wins over upper case, as in curl. */
export function proxySettings(environment: Environment): ProxySettings {
  return {
    httpProxy: proxyUrl('HTTP_PROXY', environment),
    httpsProxy: proxyUrl('HTTPS_PROXY', environment),
    noProxy: read('NO_PROXY', environment),
  };
}

function read(name: string, environment: Environment): string {
  return (environment[name.toLowerCase()] || environment[name] || '').trim();
}

function proxyUrl(name: string, environment: Environment): string {
  const value = read(name, environment);
  if (value === '') return '';
  const url = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.href;
  // The value itself may hold a password.
  throw new Error(`${name} must be the address of a proxy, such as http://proxy.example:3128`);
}
