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

/** kubectl can use one, and this program can't: it may reach the server directly. */
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
  const usable = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => !SOCKS.test(value ?? '')),
  );
  const withoutHttp = { ...usable, HTTP_PROXY: undefined, http_proxy: undefined };
  return proxyFor(url, url.protocol === 'https:' ? withoutHttp : usable);
}
