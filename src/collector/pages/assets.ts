import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { STYLES } from '../../web/styles.ts';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2556c4"/><path d="M8 24v-7h4v7zm6 0V8h4v16zm6 0V13h4v11z" fill="#fff"/></svg>`;

/** The files of the pages. An address changes with the content, so that a browser can keep the file. */
const ASSETS = {
  stylesheet: { path: `/assets/${hashOf(STYLES)}.css`, type: 'text/css', text: STYLES },
  icon: { path: `/assets/${hashOf(ICON)}.svg`, type: 'image/svg+xml', text: ICON },
};

export const STYLESHEET = ASSETS.stylesheet.path;
export const ICON_PATH = ASSETS.icon.path;

/** Creates the paths of the pages' stylesheet and icon. They need no key. */
export function assetRoutes(): Hono {
  const app = new Hono();
  for (const { path, type, text } of Object.values(ASSETS)) {
    app.get(path, compress(), (c) =>
      c.body(text, 200, {
        'Content-Type': `${type}; charset=utf-8`,
        'Cache-Control': 'public, max-age=31536000, immutable',
      }),
    );
  }
  return app;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
