import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import type { IsKey } from '../../web/keys.ts';
import type { Markup } from '../../web/layout.ts';
import { HttpRefusal, wrongMethod } from '../http-refusal.ts';
import type { RateLimit } from '../ingest/rate-limit.ts';
import { type AccessOptions, assertSameOrigin, COOKIE, pageCookie } from './access.ts';
import { frame } from './frame.ts';
import { sendPage } from './send-page.ts';

export interface SignInOptions extends Pick<AccessOptions, 'isReadKey'> {
  /** Throws 429 if keys are tried too often. */
  readonly limit: RateLimit;
}

export interface SignInPageOptions {
  /** The path and query to return to. */
  readonly next: string;
  /** What was wrong with the last try. */
  readonly problem?: string | undefined;
}

/** The form has a key and an address. */
const MAX_BODY_BYTES = 8_192;

/** Creates the form for the read key, and the way to sign out. */
export function signInRoutes({ isReadKey, limit }: SignInOptions): Hono {
  const app = new Hono();

  app.get('/sign-in', async (c) => {
    const next = safeNext(c.req.query('next'));
    return isReadKey === undefined
      ? c.redirect(next, 303)
      : await sendPage(c, signInPage({ next }));
  });

  app.post('/sign-in', bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }), async (c) => {
    assertSameOrigin(c);
    limit();
    const form = new URLSearchParams(await c.req.text());
    const next = safeNext(form.get('next'));
    return isReadKey === undefined
      ? c.redirect(next, 303)
      : await signIn(c, { key: (form.get('key') ?? '').trim(), next, isReadKey });
  });

  app.post('/sign-out', (c) => {
    assertSameOrigin(c);
    deleteCookie(c, COOKIE, cookieOptions(c));
    return c.redirect('/', 303);
  });

  app.all('/sign-in', () => {
    throw wrongMethod('GET, POST');
  });
  app.all('/sign-out', () => {
    throw wrongMethod('POST');
  });
  return app;
}

interface SignIn {
  readonly key: string;
  readonly next: string;
  readonly isReadKey: IsKey;
}

async function signIn(c: Context, { key, next, isReadKey }: SignIn): Promise<Response> {
  if (isReadKey(key)) {
    setCookie(c, COOKIE, pageCookie(key), cookieOptions(c));
    return c.redirect(next, 303);
  }
  const problem = 'That is not the read key. It is what the collector was started with.';
  return await sendPage(c, signInPage({ next, problem }), {
    status: 401,
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}

/** Returns the page that asks for the read key. */
export function signInPage({ next, problem }: SignInPageOptions): Markup {
  const content = html`<h1>Sign in</h1>
<section class="panel">
<p>These numbers need the collector's read key (<code>--read-key</code> or <code>COLLECTOR_READ_KEY</code>).</p>
${problem === undefined ? '' : html`<p id="problem" role="alert"><strong>${problem}</strong></p>`}
<form method="post" action="/sign-in" class="bar">
<input type="hidden" name="next" value="${next}">
<input type="text" name="username" value="reader" autocomplete="username" hidden>
<div><label for="key">Read key</label><input type="password" id="key" name="key" autocomplete="current-password" required autofocus${problem === undefined ? '' : html` aria-invalid="true" aria-describedby="problem"`}></div>
<button class="primary">Sign in</button>
</form>
<p class="muted small">The browser keeps a cookie that is derived from the key until it is closed. Scripts can't read it.</p>
</section>`;
  const context = { access: 'none', isSignedIn: false, address: next } as const;
  return frame(content, { title: 'Sign in', context });
}

/** `Secure` only if the browser uses TLS: its `Origin` says so, as the proxy in front ends TLS. */
function cookieOptions(c: Context) {
  const secure = c.req.header('origin')?.startsWith('https:') ?? false;
  return { path: '/', httpOnly: true, sameSite: 'Strict', secure } as const;
}

/** Only an address of a page of ours, so that the form leads nowhere else. */
function safeNext(next: string | null | undefined): string {
  const base = 'http://collector.invalid';
  if (!next?.startsWith('/') || !URL.canParse(next, base)) return '/';
  const { origin, pathname, search } = new URL(next, base);
  const isPage = pathname === '/' || /^\/(?:numbers|received)\b/.test(pathname);
  return origin === base && isPage ? `${pathname}${search}` : '/';
}

function tooLarge(): never {
  throw new HttpRefusal('The form is too large.', { status: 413, code: 'too_large' });
}
