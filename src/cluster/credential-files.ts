import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import type { Time } from '../runtime/time.ts';

/** Reads a file. */
export type Read = (path: string) => Promise<Buffer>;

/** How long a token is cached, in milliseconds, as in client-go. */
const TOKEN_MS = 60_000;

/**
 * Reads files without blocking. Concurrent reads of one path share one read: on a hanging file
 * system each read occupies one of Node's few threads.
 */
export function sharedReads(): Read {
  const inFlight = new Map<string, Promise<Buffer>>();
  return function read(path) {
    const reading = inFlight.get(path) ?? readFile(path).finally(() => inFlight.delete(path));
    inFlight.set(path, reading);
    return reading;
  };
}

/** Replaces the library's provider of tokens from files, whose reads block the whole process. */
export function tokenFiles(read: Read, { steady }: Pick<Time, 'steady'>) {
  let cached: { readonly token: string; readonly at: number } | undefined;

  async function token(path: string): Promise<string> {
    if (cached && steady() - cached.at <= TOKEN_MS) return cached.token;
    try {
      cached = { token: (await read(path)).toString('utf8').trim(), at: steady() };
    } catch (error) {
      // As in client-go: the previous token may still be valid.
      if (!cached) throw error;
    }
    return cached.token;
  }

  return {
    isAuthProvider: ({ authProvider }: User) => Boolean(authProvider?.config?.tokenFile),
    async applyAuthentication({ authProvider }: User, options: RequestOptions): Promise<void> {
      const Authorization = `Bearer ${await token(authProvider?.config?.tokenFile)}`;
      options.headers = { ...(options.headers as Record<string, string>), Authorization };
    },
  };
}

/** Returns the configuration with the contents of its files in place of their paths. */
export async function withFiles(config: KubeConfig, read: Read): Promise<KubeConfig> {
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  const [caData, certData, keyData] = await Promise.all([
    fileContent(cluster?.caFile, cluster?.caData, read),
    fileContent(user?.certFile, user?.certData, read),
    fileContent(user?.keyFile, user?.keyData, read),
  ]);
  const view = Object.create(config) as KubeConfig;
  view.getCurrentCluster = () => cluster && omit<Cluster>({ ...cluster, caData }, 'caFile');
  view.getCurrentUser = () =>
    user && omit<User>({ ...user, certData, keyData }, 'certFile', 'keyFile');
  return view;
}

async function fileContent(
  path: string | undefined,
  data: string | undefined,
  read: Read,
): Promise<string | undefined> {
  return path ? (await read(path)).toString('base64') : data;
}

function omit<Value>(value: object, ...fields: readonly string[]): Value {
  const entries = Object.entries(value).filter(([field]) => !fields.includes(field));
  return Object.fromEntries(entries) as Value;
}
