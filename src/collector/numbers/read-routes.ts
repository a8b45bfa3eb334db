import { Hono } from 'hono';
import type { IsKey } from '../../web/keys.ts';
import { assertAddressHost, authorizeReader } from '../auth.ts';
import { HttpRefusal, wrongMethod } from '../http-refusal.ts';
import type { CollectorMetrics } from '../metrics.ts';
import type { Snapshot } from '../store/snapshot.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import { computeNumbers } from './numbers.ts';
import { assertOrdered, dayParameter, integerParameter, placeParameter } from './query.ts';

export interface ReadOptions {
  readonly store: Store;
  /** Checks the read key. If `undefined`, no key is needed. */
  readonly isReadKey?: IsKey | undefined;
  readonly metrics: Pick<CollectorMetrics, 'contentType' | 'text'>;
  readonly log: { readonly error: (fields: object, message: string) => void };
}

const WITH_KEY = ['/v1/numbers', '/v1/events', '/metrics'];
const PROBES = ['/healthz', '/readyz'];

/** Creates the read-only paths: the seven numbers, the stored events, metrics and probes. */
export function readRoutes({ store, isReadKey, metrics, log }: ReadOptions): Hono {
  const app = new Hono();
  for (const path of WITH_KEY) {
    app.use(path, async (c, next) => {
      if (isReadKey) authorizeReader(c.req.header('authorization'), { isKey: isReadKey });
      else assertAddressHost(c.req.header('host'));
      await next();
    });
  }

  app.get('/v1/numbers', async (c) => {
    const query = c.req.query();
    const range = {
      from: dayParameter(query, { name: 'from' }),
      to: dayParameter(query, { name: 'to' }),
    };
    assertOrdered(range);
    return c.json(
      await store.read((snapshot) => ({
        ...computeNumbers(snapshot, range),
        received: receivedBy(snapshot),
      })),
    );
  });

  app.get('/v1/events', async (c) => {
    const query = c.req.query();
    const after = placeParameter(query, { name: 'after' });
    const limit = integerParameter(query, { name: 'limit', fallback: 1_000, max: 10_000 });
    const events = await store.events({ after, limit });
    const lines = events.map((event) => `${JSON.stringify(event)}\n`);
    return c.body(lines.join(''), 200, { 'Content-Type': 'application/x-ndjson' });
  });

  app.get('/metrics', async (c) =>
    c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }),
  );

  /** A store that is unavailable is no reason to restart this process. */
  app.get('/healthz', async (c) => {
    try {
      await store.checkProcess();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
    return c.json({ status: 'ok' });
  });

  app.get('/readyz', async (c) => {
    try {
      await store.check();
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      log.error({ err: error }, 'the store has failed');
      throw storeFailed(error);
    }
    return c.json({ status: 'ok' });
  });

  for (const path of [...WITH_KEY, ...PROBES]) {
    app.all(path, () => {
      throw wrongMethod('GET');
    });
  }
  return app;
}

function storeFailed(cause: unknown): HttpRefusal {
  return new HttpRefusal('The store has failed: see the log.', {
    status: 503,
    code: 'store_failed',
    headers: { 'Retry-After': '1' },
    cause,
  });
}

function receivedBy(snapshot: Snapshot) {
  const { accepted = 0, duplicates = 0, ...refused } = Object.fromEntries(snapshot.outcomes());
  return { accepted, duplicates, refused };
}
