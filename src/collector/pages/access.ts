import { createHmac } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { IsKey } from '../../web/keys.ts';
import { assertAddressHost, authorizeReader } from '../auth.ts';
import { HttpRefusal } from '../http-refusal.ts';

/** The only cookie. It holds `pageCookie` of the read key. */
export const COOKIE = 'kusk-collector';

export interface AccessOptions {
  /** Checks the read key. If `undefined`, no key is needed. */
  readonly isReadKey?: IsKey | undefined;
  /** Checks the cookie. `undefined` as `isReadKey` is. */
  readonly isPageCookie?: IsKey | undefined;
  /** Whether the pages are shown without the key, with public figures. Not used without `isReadKey`. */
  readonly isPublic?: boolean | undefined;
}

/** What a request may see: all figures, public figures, or nothing. */
export type Access = 'full' | 'public' | 'none';

/** Returns the value of the cookie. The read key can't be computed from it. */
export function pageCookie(readKey: string): string {
  return createHmac('sha256', readKey).update('kusk-collector/page/v1').digest('hex');
}

/** Returns what a request may see. Throws 401 if it has an `Authorization` that is wrong, and 421 for a wrong `Host`. */
export function accessOf(c: Context, options: AccessOptions): Access {
  const { isReadKey, isPageCookie, isPublic = false } = options;
  if (isReadKey === undefined) {
    assertAddressHost(c.req.header('host'));
    return 'full';
  }
  const header = c.req.header('authorization');
  if (header !== undefined) {
    authorizeReader(header, { isKey: isReadKey });
    return 'full';
  }
  if (isSignedIn(c, { isPageCookie })) return 'full';
  return isPublic ? 'public' : 'none';
}

/** Returns whether a request has the right cookie. */
export function isSignedIn(c: Context, { isPageCookie }: AccessOptions): boolean {
  const cookie = getCookie(c, COOKIE);
  return cookie !== undefined && (isPageCookie?.(cookie) ?? false);
}

/**
 * Throws 403 unless a form was sent from a page of ours.
 *
 * Browsers send `Sec-Fetch-Site` over TLS and to loopback addresses, and `Origin` always.
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function assertSameOrigin(c: Context): void {
  const site = c.req.header('sec-fetch-site');
  const isSame =
    site === undefined
      ? hostOf(c.req.header('origin')) === c.req.header('host')
      : site === 'same-origin';
  if (isSame) return;
  throw new HttpRefusal('Send this form from the page itself: open it and try again.', {
    status: 403,
    code: 'wrong_origin',
  });
}

function hostOf(origin: string | undefined): string | undefined {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).host : undefined;
}
