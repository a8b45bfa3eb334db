import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { Time } from '../runtime/time.ts';
import type { Admission } from './admission.ts';
import { liveEvents, revisionOf } from './live-events.ts';
import type { Dashboard } from './model/view.ts';
import { DASHBOARD_PAGES } from './pages/dashboard-pages.ts';
import type { MachineView, PageFacts } from './pages/page-facts.ts';
import { fileRoutes } from './pages/page-files.ts';
import { pageFrame } from './pages/page-frame.ts';
import {
  elsewherePage,
  failurePage,
  nothingPage,
  tokenPage,
  welcomePage,
} from './pages/refusal-pages.ts';
import { type BoundAddress, isOwnHost, isOwnOrigin, placeText } from './request-origin.ts';
import { respond, SAFE_HEADERS } from './respond.ts';
import type { Sessions } from './sessions.ts';

export interface DashboardAppOptions {
  readonly dashboard: Pick<Dashboard, 'view' | 'changed' | 'check'>;
  readonly sessions: Omit<Sessions, 'run'>;
  readonly admission: Admission;
  /** Where it is served. */
  readonly bound: BoundAddress;
  /** Returns what is known of this machine's telemetry now. */
  readonly machine: () => MachineView;
  readonly time: Pick<Time, 'now' | 'wait'>;
  /** Ends the streams of events. */
  readonly signal: AbortSignal;
  /** Called with an unexpected failure of a request. */
  readonly onFailure: (error: unknown) => void;
}

/** As the script of the pages makes it. */
const SESSION_ID = /^[0-9a-f]{64}$/;

/** Creates the web application: pages that only read, for whoever has the token. */
export function createDashboardApp(options: DashboardAppOptions): Hono {
  const { admission, sessions } = options;
  const app = new Hono();
  app.use(onlyOwnHost(options.bound));
  app.route('/', fileRoutes());
  app.get('/', exchangeToken(admission));
  app.use(onlyOwnOrigin);
  app.use(onlyAdmitted(admission));
  app.get('/events', liveEvents(options));
  app.get('/session', (c) => {
    // No link, form, image or prefetch can send this header, and no other site may.
    const id = c.req.header('x-kusk-session') ?? '';
    if (SESSION_ID.test(id)) sessions.begin(id);
    return c.body(null, 204, SAFE_HEADERS);
  });
  for (const { path, title, content } of DASHBOARD_PAGES) {
    app.get(path, async (c) => {
      const facts = factsOf(c, options);
      return await respond(c, pageFrame(content(facts), { title: title(facts), path, facts }));
    });
  }
  app.notFound((c) => respond(c, nothingPage(), { status: 404 }));
  app.onError((error, c) => {
    options.onFailure(error);
    return respond(c, failurePage(), { status: 500 });
  });
  return app;
}

function factsOf(c: Context, options: DashboardAppOptions): PageFacts {
  const { dashboard, sessions, machine, time } = options;
  return {
    // Before the view: a page that is newer than its revision is only loaded once more.
    revision: revisionOf(options),
    view: dashboard.view(),
    check: dashboard.check,
    machine: machine(),
    sessions: sessions.all(),
    nextSession: sessions.next(),
    nowMs: time.now(),
    query: c.req.query(),
  };
}

/** Against DNS rebinding. The response says nothing of the cluster. */
function onlyOwnHost(bound: BoundAddress): MiddlewareHandler {
  const text = `The dashboard is ${placeText(bound)}. Another name or port is refused.\n`;
  return async (c, next) => {
    if (isOwnHost(c.req.header('host'), bound)) return await next();
    return c.text(text, 421, SAFE_HEADERS);
  };
}

/** Exchanges the token of the first address for the cookie, and leads to an address without it. */
function exchangeToken({ isToken, isAdmitted, admit }: Admission): MiddlewareHandler {
  return async (c, next) => {
    const token = c.req.query('token');
    if (token === undefined) return await next();
    const isRight = isToken(token.trim());
    if (!isRight && !isAdmitted(c)) {
      return await respond(c, tokenPage({ isWrong: true }), { status: 403 });
    }
    if (isRight) admit(c);
    // A browser that follows a link of another site would not send the cookie with a redirect.
    return isOwnOrigin(originOf(c))
      ? c.body(null, 303, { ...SAFE_HEADERS, Location: '/' })
      : await respond(c, welcomePage(), { headers: { Refresh: '0; url=/' } });
  };
}

const onlyOwnOrigin: MiddlewareHandler = async (c, next) => {
  if (isOwnOrigin(originOf(c))) return await next();
  return await respond(c, elsewherePage(), { status: 403 });
};

function onlyAdmitted({ isAdmitted }: Admission): MiddlewareHandler {
  return async (c, next) => {
    if (isAdmitted(c)) return await next();
    return await respond(c, tokenPage({ isWrong: false }), { status: 401 });
  };
}

function originOf(c: Context) {
  const { req } = c;
  return {
    host: req.header('host'),
    origin: req.header('origin'),
    site: req.header('sec-fetch-site'),
  };
}
