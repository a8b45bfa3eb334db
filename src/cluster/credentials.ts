import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { abortable } from '../runtime/abortable.ts';
import type { Time } from '../runtime/time.ts';
import { sharedReads, tokenFiles, withFiles } from './credential-files.ts';
import { CredentialsError, isTimeout } from './errors.ts';
import { execPlugins, type Kill } from './exec-plugins.ts';

/** How long an exec plugin may run without a `Login`, in milliseconds. Then it is killed. */
const PLUGIN_MS = 30_000;

export interface CredentialsOptions {
  readonly signal: AbortSignal;
  /**
   * How long to wait, in milliseconds, unless a login holds requests. A started plugin continues for the
   * next caller.
   */
  readonly timeoutMs: number;
}

/** Reads the current credentials of a kubeconfig: TLS material and headers. */
export interface Credentials {
  /**
   * Reads files again, and runs a plugin if its token has expired. Concurrent calls share one read,
   * so a hanging plugin is one process. Rejects with a `CredentialsError`, or when aborted.
   */
  readonly read: (config: KubeConfig, options: CredentialsOptions) => Promise<RequestOptions>;
  /** Kills the running plugin, if any. */
  readonly end: () => void;
}

/** How an exec plugin runs if a person is there, who may have to log in. */
export interface Login {
  /** How long the plugin may run, in milliseconds. Then it is killed. */
  readonly timeoutMs: number;
  /** Whether a request waits as long. Otherwise it fails, and the plugin continues for the next one. */
  readonly holdsRequests: boolean;
  /** Called with what the plugin writes to stderr. It can be hostile, and is not always a whole line. */
  readonly onOutput: (text: string) => void;
}

export interface CredentialsDependencies extends Pick<Time, 'deadline' | 'steady'> {
  readonly kill: Kill | undefined;
  readonly login: Login | undefined;
}

export function credentials({ kill, login, ...time }: CredentialsDependencies): Credentials {
  const plugins = execPlugins({ kill, onOutput: login?.onOutput });
  const read = sharedReads();
  const prepared = new WeakSet<KubeConfig>();
  let inFlight: { readonly config: KubeConfig; readonly tls: Promise<RequestOptions> } | undefined;

  /**
   * Replaces private fields of the library, which has no option for this. The library never ends a
   * plugin, and its reads block.
   */
  function prepare(config: KubeConfig): void {
    if (prepared.has(config)) return;
    prepared.add(config);
    const { authenticators } = config as unknown as { readonly authenticators: object[] };
    for (const authenticator of authenticators)
      if ('execFn' in authenticator) authenticator.execFn = plugins.spawn;
    authenticators.unshift(tokenFiles(read, time));
  }

  async function resolveCredentials(config: KubeConfig): Promise<RequestOptions> {
    const limit = time.deadline(login?.timeoutMs ?? PLUGIN_MS);
    limit.addEventListener('abort', plugins.end, { once: true });
    try {
      prepare(config);
      const cluster = config.getCurrentCluster();
      // The library refuses plain http unless TLS verification is off.
      if (cluster?.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
      const options: RequestOptions = {};
      await (await withFiles(config, read)).applyToHTTPSOptions(options);
      return options;
    } catch (cause) {
      throw new CredentialsError('cannot be read', cause);
    } finally {
      limit.removeEventListener('abort', plugins.end);
    }
  }

  /** Shares one read among concurrent callers with the same configuration. */
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
      const isHeld = login?.holdsRequests && config.getCurrentUser()?.exec !== undefined;
      const limitMs = isHeld ? login.timeoutMs : timeoutMs;
      const limit = AbortSignal.any([signal, time.deadline(limitMs)]);
      try {
        return await abortable(resolveOnce(config), { signal: limit, discard: () => undefined });
      } catch (error) {
        if (isTimeout(error)) throw new CredentialsError('were not read in time', error);
        throw error;
      }
    },
    end: plugins.end,
  };
}
