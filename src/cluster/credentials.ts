import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { abortable } from '../runtime/abortable.ts';
import type { Time } from '../runtime/time.ts';
import { sharedReads, tokenFiles, withFiles } from './credential-files.ts';
import { CredentialsError, isTimeout } from './errors.ts';
import { execPlugins, type Kill } from './exec-plugins.ts';

/** How long an exec plugin may run, in milliseconds. Then it is killed. */
const PLUGIN_MS = 30_000;

export interface CredentialsOptions {
  readonly signal: AbortSignal;
  /** How long to wait for them, in milliseconds. What was started goes on for the next caller. */
  readonly timeoutMs: number;
}

/** Reads what a kubeconfig says of the present moment: TLS material and headers. */
export interface Credentials {
  /**
   * Files are read again, and a plugin runs if its token has run out. Calls share what is under way,
   * so that a plugin that hangs is one process. Rejects with a `CredentialsError`, or when aborted.
   */
  readonly read: (config: KubeConfig, options: CredentialsOptions) => Promise<RequestOptions>;
  /** Kills the plugin that runs, if there is one. */
  readonly end: () => void;
}

export interface CredentialsDependencies extends Pick<Time, 'deadline' | 'steady'> {
  readonly kill: Kill | undefined;
}

export function credentials({ kill, ...time }: CredentialsDependencies): Credentials {
  const plugins = execPlugins(kill);
  const read = sharedReads();
  const prepared = new WeakSet<KubeConfig>();
  let inFlight: { readonly config: KubeConfig; readonly tls: Promise<RequestOptions> } | undefined;

  /** The library has no other door: it never ends a plugin, and its reads block. */
  function prepare(config: KubeConfig): void {
    if (prepared.has(config)) return;
    prepared.add(config);
    const { authenticators } = config as unknown as { readonly authenticators: object[] };
    for (const one of authenticators) if ('execFn' in one) one.execFn = plugins.spawn;
    authenticators.unshift(tokenFiles(read, time));
  }

  async function resolveCredentials(config: KubeConfig): Promise<RequestOptions> {
    const limit = time.deadline(PLUGIN_MS);
    limit.addEventListener('abort', plugins.end, { once: true });
    try {
      prepare(config);
      const cluster = config.getCurrentCluster();
      // The library refuses plain http unless TLS is said not to matter.
      if (cluster?.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
      const options: RequestOptions = {};
      await (await withFiles(config, read)).applyToHTTPSOptions(options);
      return options;
    } catch (cause) {
      throw new CredentialsError('cannot be had', cause);
    } finally {
      limit.removeEventListener('abort', plugins.end);
    }
  }

  /** Those that are under way are for all who ask meanwhile. */
  function resolveOnce(config: KubeConfig): Promise<RequestOptions> {
    if (inFlight?.config === config) return inFlight.tls;
    const tls = resolveCredentials(config).finally(() => {
      if (inFlight?.tls === tls) inFlight = undefined;
    });
    inFlight = { config, tls };
    return tls;
  }

  return {
    async read(config, { signal, timeoutMs }) {
      const limit = AbortSignal.any([signal, time.deadline(timeoutMs)]);
      try {
        return await abortable(resolveOnce(config), { signal: limit, discard: () => undefined });
      } catch (error) {
        if (isTimeout(error)) throw new CredentialsError('did not come in time', error);
        throw error;
      }
    },
    end: plugins.end,
  };
}
