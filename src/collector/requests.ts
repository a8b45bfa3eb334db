import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { CollectorMetrics, Route } from './metrics.ts';

export interface RequestsOptions {
  readonly log: { readonly debug: (fields: object, message: string) => void };
  readonly metrics: Pick<CollectorMetrics, 'onResponse'>;
  /** Returns milliseconds that never go backwards. */
  readonly steady: () => number;
}

const DATA = ['/v1/numbers', '/v1/events'];
const OPERATIONS = ['/metrics', '/healthz', '/readyz'];

/**
 * Counts and times each request, and logs a line for it at level debug.
 *
 * The line has the path as we declare it. An address, a query, a header or an unknown path never is in
 * the log.
 */
export function observeRequests({ log, metrics, steady }: RequestsOptions): MiddlewareHandler {
  return async function observe(c, next) {
    const startedAt = steady();
    await next();
    const { status } = c.res;
    const ms = steady() - startedAt;
    const path = routePath(c, -1);
    metrics.onResponse({ status, route: routeOf(path), seconds: ms / 1000 });
    log.debug({ method: c.req.method, path, status, ms: Math.round(ms) }, 'request');
  };
}

function routeOf(path: string): Route {
  // Only what applies to all paths matched.
  if (path.includes('*')) return 'other';
  if (DATA.includes(path)) return 'data';
  if (OPERATIONS.includes(path)) return 'operations';
  return path.startsWith('/v1/') ? 'intake' : 'pages';
}
