import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Markup } from '../../web/layout.ts';

/**
 * The strictest policy: no script at all, and a stylesheet of ours.
 *
 * A page with `Referrer-Policy: no-referrer` would send its form with `Origin: null`.
 */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
  Vary: 'Accept, Authorization, Cookie',
};

export interface SendPageOptions {
  readonly status?: ContentfulStatusCode;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Responds with a page. */
export async function sendPage(
  c: Context,
  page: Markup,
  { status = 200, headers = {} }: SendPageOptions = {},
): Promise<Response> {
  return c.html(await page, status, { ...HEADERS, ...headers });
}

/** Responds with a document for programs. */
export function sendDocument(
  c: Context,
  text: string,
  headers: Readonly<Record<string, string>>,
): Response {
  return c.body(text, 200, { ...HEADERS, ...headers });
}
