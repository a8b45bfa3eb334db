import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { compress } from 'hono/compress';
import { html } from 'hono/html';
import { utcDay } from '../../event.ts';
import type { Time } from '../../runtime/time.ts';
import { HttpRefusal, wrongMethod } from '../http-refusal.ts';
import { rateLimit } from '../ingest/rate-limit.ts';
import { type RefusalOfOptions, refusalOf } from '../refusal-of.ts';
import type { Store } from '../store/store.ts';
import { type Access, type AccessOptions, accessOf, isSignedIn } from './access.ts';
import { assetRoutes } from './assets.ts';
import { frame, type PageContext } from './frame.ts';
import { type Format, PAGES, type Page, type Presentation } from './pages.ts';
import { publishedReader } from './published.ts';
import { sendDocument, sendPage } from './send-page.ts';
import { signInPage, signInRoutes } from './sign-in.ts';

export interface PageOptions extends AccessOptions, RefusalOfOptions {
  readonly store: Pick<Store, 'read'>;
  readonly time: Pick<Time, 'now' | 'steady'>;
}

interface Wanted {
  readonly page: Page;
  readonly format: Format;
}

interface Presented {
  readonly presentation: Presentation;
  readonly access: Access;
}

/** By what a client accepts. */
const FORMATS = { 'text/html': 'html', 'application/json': 'json', 'text/csv': 'csv' } as const;

/** How often a read key may be tried, per second. */
const TRIES_PER_SECOND = 5;

/** Creates the pages for people, and the same data as JSON and CSV. */
export function pageRoutes(options: PageOptions): Hono {
  const { store, time, isReadKey, isPublic, log } = options;
  const limit = rateLimit({ maxPerSecond: TRIES_PER_SECOND, steady: time.steady });
  const readPublished = publishedReader(store);
  const app = new Hono();

  function contextOf(c: Context, access: Access): PageContext {
    const { pathname, search } = new URL(c.req.url);
    const address = `${pathname}${search}`;
    return { access, isSignedIn: isSignedIn(c, options), address };
  }

  async function present(c: Context, { page, format }: Wanted): Promise<Presented> {
    const access = accessOf(c, options);
    const today = utcDay(time.now());
    const wanted = { query: c.req.query(), format, today };
    if (access === 'full') {
      const presentation = await store.read((snapshot) =>
        page.present({ access, snapshot }, wanted),
      );
      return { presentation, access };
    }
    if (access === 'none' || page.needsKey) throw needsKey();
    const months = await readPublished(today);
    return { presentation: page.present({ access, months }, wanted), access };
  }

  async function respond(c: Context, { page, format }: Wanted) {
    const { presentation, access } = await present(c, { page, format });
    const { title, content, json, csv, fileName } = presentation;
    if (format === 'json') {
      return sendDocument(c, JSON.stringify(json()), { 'Content-Type': 'application/json' });
    }
    if (format === 'csv') {
      return sendDocument(c, csv(), {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="${fileName}"`,
      });
    }
    const context = contextOf(c, access);
    return sendPage(c, frame(content(context), { title, context }));
  }

  /** A person gets a page for an error, a program the error as JSON. */
  async function respondOrExplain(c: Context, { page, format }: Wanted) {
    try {
      return await respond(c, { page, format });
    } catch (error) {
      if (format !== 'html') throw error;
      const refusal = refusalOf(error, { log });
      const access = isReadKey && isPublic ? 'public' : 'none';
      return sendPage(c, explain(refusal, contextOf(c, access)), refusal);
    }
  }

  for (const page of PAGES) {
    for (const path of pathsOf(page)) app.use(path, compress());
    for (const path of page.paths) {
      app.get(path, (c) => respondOrExplain(c, { page, format: formatOf(c) }));
    }
    for (const format of ['json', 'csv'] as const) {
      app.get(`${page.files}.${format}`, (c) => respondOrExplain(c, { page, format }));
    }
    for (const path of pathsOf(page)) {
      app.all(path, () => {
        throw wrongMethod('GET');
      });
    }
  }
  app.route('/', assetRoutes());
  app.route('/', signInRoutes({ isReadKey, limit }));
  return app;
}

/** Responds to a path that does not exist with a page. */
export async function sendNotFound(c: Context, refusal: HttpRefusal): Promise<Response> {
  const context = { access: 'none', isSignedIn: false, address: '/' } as const;
  return await sendPage(c, explain(refusal, context), refusal);
}

function pathsOf({ paths, files }: Page): readonly string[] {
  return [...paths, `${files}.json`, `${files}.csv`];
}

function formatOf(c: Context): Format {
  const type = accepts(c, {
    header: 'Accept',
    supports: Object.keys(FORMATS),
    default: 'text/html',
  });
  return FORMATS[type as keyof typeof FORMATS];
}

function needsKey(): HttpRefusal {
  return new HttpRefusal(
    'Sign in at /sign-in, or send the read key as "Authorization: Bearer KEY".',
    {
      status: 401,
      code: 'wrong_read_key',
      headers: { 'WWW-Authenticate': 'Bearer' },
    },
  );
}

function explain({ status, message }: HttpRefusal, context: PageContext) {
  if (status === 401) return signInPage({ next: context.address });
  const content = html`<h1>That does not work</h1>
<section class="panel"><p>${message}</p><p><a href="/">The seven numbers</a></p></section>`;
  return frame(content, { title: 'That does not work', context });
}
