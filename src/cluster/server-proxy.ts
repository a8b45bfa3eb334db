import type { KubeConfig } from '@kubernetes/client-node';
import type { Environment } from '../runtime/environment.ts';
import { isExempt } from '../runtime/no-proxy.ts';
import { type ProxyAddress, proxyFor } from '../runtime/proxy-settings.ts';

export interface ServerProxySource {
  /** Absent in a pod. */
  readonly kubeconfig: string | undefined;
  /**
   * Read: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Absent for a program that reaches the API server without
   * them.
   */
  readonly environment?: Environment | undefined;
}

/** Addresses of this machine, which Go programs reach directly even if a proxy is set. */
const LOOPBACK = 'localhost, 127.0.0.0/8, ::1';

/** kubectl can use such a proxy. Here, the server is reached directly, as without one. */
const SOCKS = /^\W*socks\w*:\/\//i;

/**
 * Returns the proxy for the API server, or `undefined` for none: `proxy-url` of the kubeconfig, else that of the
 * environment, as kubectl and helm choose it. They reach an `https:` server by `HTTPS_PROXY` only. In a pod, the
 * server is reached directly. A SOCKS proxy of the environment is none.
 *
 * @throws Error if the proxy's address is malformed. It names the variable, but not its value.
 */
export function serverProxy(
  config: KubeConfig,
  { kubeconfig, environment }: ServerProxySource,
): ProxyAddress | undefined {
  const { server = '', proxyUrl } = config.getCurrentCluster() ?? {};
  if (proxyUrl) return { uri: proxyUrl, token: undefined };
  const url = URL.parse(server);
  if (!kubeconfig || !environment || url === null || isExempt(url, LOOPBACK)) return undefined;
  return proxyFor(url, {
    HTTPS_PROXY: usable(variable('HTTPS_PROXY', environment)),
    HTTP_PROXY: url.protocol === 'https:' ? undefined : usable(variable('HTTP_PROXY', environment)),
    NO_PROXY: variable('NO_PROXY', environment),
  });
}

/** In Go, a name in upper case takes precedence. */
function variable(name: string, environment: Environment): string | undefined {
  return environment[name] || environment[name.toLowerCase()];
}

function usable(proxy: string | undefined): string | undefined {
  return SOCKS.test(proxy ?? '') ? undefined : proxy;
}
