import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { STYLES } from '../../web/styles.ts';
import { DASHBOARD_STYLES } from './dashboard-styles.ts';
import { elementPatch } from './element-patch.ts';
import { keepLive } from './keep-live.ts';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0d6f66"/><path d="M16 7a12 12 0 0 1 12 12h-4a8 8 0 0 0-16 0H4A12 12 0 0 1 16 7zm0 8 3 6a3 3 0 1 1-6 0z" fill="#fff"/></svg>`;
const STYLESHEET = `${STYLES}${DASHBOARD_STYLES}`;
/** The text of the functions as Node or the bundle has it: they use nothing outside of themselves. */
const SCRIPT = `'use strict';\n(${keepLive})(globalThis, (${elementPatch})(globalThis));\n`;

/** Addresses change with the content, so that a browser never uses the file of another version. */
const FILES = [
  { path: `/assets/${hashOf(STYLESHEET)}.css`, type: 'text/css', text: STYLESHEET },
  { path: `/assets/${hashOf(ICON)}.svg`, type: 'image/svg+xml', text: ICON },
  { path: `/assets/${hashOf(SCRIPT)}.js`, type: 'text/javascript', text: SCRIPT },
] as const;

export const [STYLESHEET_PATH, ICON_PATH, SCRIPT_PATH] = FILES.map(({ path }) => path) as [
  string,
  string,
  string,
];

/** What a browser compares the files with: a cache may hold another content under the same address. */
export const [STYLESHEET_INTEGRITY, SCRIPT_INTEGRITY] = [STYLESHEET, SCRIPT].map(integrityOf) as [
  string,
  string,
];

/** Creates the paths of the files of the pages. They hold nothing of a cluster, and need no cookie. */
export function fileRoutes(): Hono {
  const app = new Hono();
  for (const { path, type, text } of FILES) {
    app.get(path, (c) =>
      c.body(text, 200, {
        'Content-Type': `${type}; charset=utf-8`,
        // Another program may have served this address before, and filled the cache of the browser.
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        'Cross-Origin-Resource-Policy': 'same-origin',
      }),
    );
  }
  return app;
}

/** @see https://www.w3.org/TR/sri-2/ */
function integrityOf(text: string): string {
  return `sha384-${createHash('sha384').update(text).digest('base64')}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
