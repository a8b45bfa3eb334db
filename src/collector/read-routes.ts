import { Hono } from 'hono';
import { authorizeReader } from './auth.ts';
import { wrongMethod } from './http-refusal.ts';
import type { KnowsKey } from './keys.ts';
import { numbersOf } from './numbers.ts';
import { dayIn, wholeIn } from './query.ts';
import type { Store } from './store.ts';

export interface ReadOptions {
  readonly store: Store;
  /** Who may read; `undefined` lets everybody read who reaches the port. */
  readonly knowsReadKey?: KnowsKey | undefined;
}

/** The paths that are only read: the seven numbers, the stored events, and whether all is well. */
export function readRoutes({ store, knowsReadKey }: ReadOptions): Hono {
  const app = new Hono();
  for (const path of ['/v1/numbers', '/v1/events']) {
    app.use(path, async (c, next) => {
      if (knowsReadKey) authorizeReader(c.req.header('authorization'), { knows: knowsReadKey });
      await next();
    });
  }

  app.get('/v1/numbers', (c) => {
    const query = c.req.query();
    const range = { from: dayIn(query, { name: 'from' }), to: dayIn(query, { name: 'to' }) };
    return c.json({ ...numbersOf(store, range), received: receivedBy(store) });
  });

  app.get('/v1/events', (c) => {
    const query = c.req.query();
    const after = wholeIn(query, { name: 'after', fallback: 0, max: Number.MAX_SAFE_INTEGER });
    const limit = wholeIn(query, { name: 'limit', fallback: 1_000, max: 10_000 });
    const lines = store.events({ after, limit }).map((event) => `${JSON.stringify(event)}\n`);
    return c.body(lines.join(''), 200, { 'Content-Type': 'application/x-ndjson' });
  });

  app.get('/healthz', (c) => {
    // A database that cannot be read throws.
    store.outcomes();
    return c.json({ status: 'ok' });
  });

  for (const path of ['/v1/numbers', '/v1/events', '/healthz']) {
    app.all(path, () => {
      throw wrongMethod('GET');
    });
  }
  return app;
}

function receivedBy(store: Store) {
  const { accepted = 0, duplicates = 0, ...refused } = Object.fromEntries(store.outcomes());
  return { accepted, duplicates, refused };
}
