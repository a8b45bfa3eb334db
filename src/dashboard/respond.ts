import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Markup } from '../web/layout.ts';

/** Scripts, styles and requests of our own only, and in no frame. */
export const SAFE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/** Responds with a page. */
export async function respond(
  c: Context,
  page: Markup,
  { status = 200, headers = {} }: RespondOptions = {},
): Promise<Response> {
  return c.html(await page, status, { ...SAFE_HEADERS, ...headers });
}

export interface RespondOptions {
  readonly status?: ContentfulStatusCode;
  readonly headers?: Readonly<Record<string, string>>;
}
