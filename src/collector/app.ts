import { Readable } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Time } from '../runtime/time.ts';
import type { IsKey } from '../web/keys.ts';
import { HttpRefusal, wrongMethod } from './http-refusal.ts';
import type { ByteBudget } from './ingest/byte-budget.ts';
import { BATCH, createIngest, TRACK, type Upload } from './ingest/ingest.ts';
import { rateLimit } from './ingest/rate-limit.ts';
import { refusalWarnings } from './ingest/refusal-warnings.ts';
import type { CollectorMetrics } from './metrics.ts';
import { type ReadOptions, readRoutes } from './numbers/read-routes.ts';
import type { AccessOptions } from './pages/access.ts';
import { pageRoutes, sendNotFound } from './pages/page-routes.ts';
import { refusalOf } from './refusal-of.ts';
import { observeRequests } from './requests.ts';
import type { Store } from './store/store.ts';

/** The part of pino's logger that the collector uses. */
export interface Log {
  readonly debug: (fields: object, message: string) => void;
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

export interface AppOptions extends ReadOptions, AccessOptions {
  /** Its calls are measured already. */
  readonly store: Store;
  readonly metrics: CollectorMetrics;
  readonly log: Log;
  readonly isWriteKey: IsKey;
  /** Requests per second with a key in the header; as many again without one. */
  readonly maxPerSecond: number;
  /** Of the bodies of all requests. */
  readonly budget: ByteBudget;
  readonly time: Pick<Time, 'now' | 'steady' | 'after'>;
}

/** Node's own request and response. Absent without a server (`app.request()`). */
export interface Env {
  readonly Bindings: Partial<HttpBindings>;
}

const PATHS = [
  { path: '/v1/batch', intake: BATCH },
  { path: '/v1/b', intake: BATCH },
  // Segment's Java client.
  { path: '/v1/import', intake: BATCH },
  { path: '/v1/track', intake: TRACK },
  { path: '/v1/t', intake: TRACK },
];

const NOT_FOUND = new HttpRefusal('There is nothing at this path.', {
  status: 404,
  code: 'not_found',
});

/**
 * Creates the collector's web application.
 *
 * It never reads a client's address, and never logs or returns any content of a request.
 */
export function createApp(options: AppOptions): Hono<Env> {
  const { log, time, maxPerSecond, isWriteKey, budget, metrics, store } = options;
  const warn = refusalWarnings({ log, steady: time.steady });
  const limit = () => rateLimit({ maxPerSecond, steady: time.steady });
  const ingest = createIngest({
    record: store.record,
    isWriteKey,
    budget,
    limits: { known: limit(), unknown: limit() },
    time,
    onRecorded(recorded, batch) {
      log.info({ ...recorded, refused: Object.fromEntries(batch.refused) }, 'stored');
      metrics.onRecorded(recorded, batch);
      warn(recorded, batch);
    },
  });

  // Not strict: a `/` at the end of a path is ignored. The Java client sends one.
  const app = new Hono<Env>({ strict: false });
  app.use(observeRequests({ log, metrics, steady: time.steady }));
  for (const { path, intake } of PATHS) {
    app.post(path, async (c) => {
      await ingest(uploadFrom(c), intake);
      return c.json({ success: true });
    });
    app.all(path, () => {
      throw wrongMethod('POST');
    });
  }
  app.route('/', readRoutes(options));
  app.route('/', pageRoutes(options));
  app.notFound((c) => {
    const { code, message, status } = NOT_FOUND;
    const isBrowser = c.req.header('accept')?.includes('text/html');
    return isBrowser ? sendNotFound(c, NOT_FOUND) : c.json(errorBody(code, message), status);
  });
  app.onError((error, c) => {
    const { code, message, status, headers } = refusalOf(error, { log });
    metrics.onRefused(code);
    return c.json(errorBody(code, message), status, headers);
  });
  return app;
}

/**
 * Uses Node's own stream. The web's stream keeps each chunk of the body in a queue, and a chunk can
 * be as short as one byte.
 */
function uploadFrom(c: Context<Env>): Upload {
  const { incoming, outgoing } = (c.env as Env['Bindings'] | undefined) ?? {};
  const { headers } = c.req.raw;
  const body = incoming ?? Readable.fromWeb(c.req.raw.body ?? new ReadableStream());
  return {
    headers,
    body,
    discard: () => void (incoming ? incoming.resume() : body.destroy()),
    proceed() {
      // An HTTP/1.0 sender would read it as the response.
      if (!headers.has('expect') || incoming?.httpVersion === '1.0') return;
      if (outgoing && 'writeContinue' in outgoing) outgoing.writeContinue();
    },
  };
}

function errorBody(code: string, message: string) {
  return { success: false, code, message };
}
