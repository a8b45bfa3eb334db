import type { KubeRequest, KubeRequestOptions } from '../../cluster/connect.ts';
import { hasStatus, KubeStatusError } from '../../cluster/errors.ts';
import type { Time } from '../../runtime/time.ts';

export interface ScopeOptions {
  readonly request: KubeRequest;
  /** The namespace to list if not all may be listed. */
  readonly namespace: string;
  readonly time: Pick<Time, 'wait'>;
}

/** The requests of one kind, within the rights of a person. */
export interface Scope {
  readonly request: KubeRequest;
  /** Returns the only namespace that was listed last; `undefined` for all. */
  readonly namespace: () => string | undefined;
}

/** The pause between two lists of a kind that may be listed and not watched, in milliseconds. */
const POLL_MS = 10_000;

/**
 * Lists all namespaces, or only one if the person may not list all. Each list decides it again, and the
 * watch after it stays there.
 *
 * A kind that may not be watched is listed again and again: its watch ends like an expired one.
 */
export function scope({ request, namespace, time }: ScopeOptions): Scope {
  let only: string | undefined;

  async function list(path: string, options: KubeRequestOptions) {
    try {
      const response = await request(path, options);
      only = undefined;
      return response;
    } catch (error) {
      if (!hasStatus(error, 403)) throw error;
      const response = await request(within(namespace, path), options);
      only = namespace;
      return response;
    }
  }

  async function watch(path: string, options: KubeRequestOptions) {
    try {
      return await request(path, options);
    } catch (error) {
      if (!hasStatus(error, 403)) throw error;
      await time.wait(POLL_MS, options.signal);
      throw new KubeStatusError(410, { reason: 'Expired' });
    }
  }

  return {
    namespace: () => only,
    async request(path, options) {
      if (isFirstPage(options)) return await list(path, options);
      const scoped = only === undefined ? path : within(only, path);
      return await (options.query?.watch === 'true'
        ? watch(scoped, options)
        : request(scoped, options));
    },
  };
}

/** A list of one object only asks for the cluster's resourceVersion. */
function isFirstPage({ query = {} }: KubeRequestOptions): boolean {
  return 'limit' in query && query.limit !== '1' && !('continue' in query);
}

/** Returns the path of a collection within a namespace. */
function within(namespace: string, path: string): string {
  return path.replace(/\/([^/]+)$/, `/namespaces/${encodeURIComponent(namespace)}/$1`);
}
