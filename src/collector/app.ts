import { Hono } from 'hono';
import { HttpRefusal, wrongMethod } from './http-refusal.ts';
import { BATCH, type IngestOptions, ingestion, TRACK } from './ingest.ts';
import { type ReadOptions, readRoutes } from './read-routes.ts';
import type { Store } from './store.ts';

/** What pino's logger can do, as far as it is needed here. */
export interface Log {
  readonly info: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

export interface AppOptions extends IngestOptions, ReadOptions {
  readonly store: Store;
  readonly log: Log;
}

const PATHS = [
  { path: '/v1/batch', intake: BATCH },
  { path: '/v1/b', intake: BATCH },
  { path: '/v1/track', intake: TRACK },
  { path: '/v1/t', intake: TRACK },
];

/**
 * The receiver as a web application.
 *
 * It never looks at the address of a client, and neither logs nor answers anything of what it was
 * sent.
 */
export function createApp(options: AppOptions): Hono {
  const app = new Hono();
  const ingest = ingestion(options);
  for (const { path, intake } of PATHS) {
    app.post(path, async (c) => {
      await ingest(c.req.raw, intake);
      return c.json({ success: true });
    });
    app.all(path, () => {
      throw wrongMethod('POST');
    });
  }
  app.route('/', readRoutes(options));
  app.notFound((c) => c.json(problem('not_found', 'There is nothing at this path.'), 404));
  app.onError((error, c) => {
    if (error instanceof HttpRefusal) {
      return c.json(problem(error.code, error.message), error.status, error.headers);
    }
    options.log.error({ err: error }, 'request failed');
    return c.json(problem('internal', 'The receiver failed; try again.'), 500);
  });
  return app;
}

function problem(code: string, message: string) {
  return { success: false, code, message };
}
