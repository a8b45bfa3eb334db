import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { eventually } from '../../../lab/support/eventually.ts';
import { addDays } from '../../../src/collector/day.ts';
import { serve } from '../../../src/collector/serve.ts';
import { CATALOGUE, utcDay } from '../../../src/event.ts';
import { chromiumMissing, startBrowser, visit } from '../../web/browser.ts';
import { aBatch, anEvent, type CollectorOptions, collector, NOW } from '../setup.ts';

const missing = await chromiumMissing();
const KEY = 'the-read-key';

/** One event of each kind on each of 400 days, from up to 9 clusters. */
const EVENTS = Array.from({ length: 400 }, (_, days) => addDays(utcDay(NOW), { days: -days }))
  .flatMap((day, i) => CATALOGUE.map((entry, nth) => ({ day, i, nth, ...entry })))
  .filter(({ i, nth }) => (i * 7 + nth) % 3 !== 0)
  .map(({ day, i, nth, source, name }) =>
    anEvent({
      messageId: `${i}-${nth}`,
      subject: `s${(i * nth) % 9}`,
      source,
      name,
      timestamp: `${day}T00:00:01Z`,
    }),
  );

const COLLECTORS = {
  full: {},
  empty: {},
  public: { readKey: KEY, isPublic: true },
  closed: { readKey: KEY },
} satisfies Readonly<Record<string, CollectorOptions>>;
type Name = keyof typeof COLLECTORS;

const PAGES: readonly { readonly of: Name; readonly path: string }[] = [
  { of: 'full', path: '/?range=year' },
  { of: 'full', path: '/numbers/active-clusters?range=year' },
  { of: 'full', path: '/numbers/creations?range=90d' },
  { of: 'full', path: '/received' },
  { of: 'empty', path: '/' },
  { of: 'public', path: '/' },
  { of: 'public', path: '/numbers/active-clusters?range=all' },
  { of: 'public', path: '/numbers/creations' },
  { of: 'closed', path: '/' },
];
/** What the browser says of a response with 401. */
const UNAUTHORIZED = /Failed to load resource: .* 401/;

describe('a page in Chromium', { skip: missing }, () => {
  const stop = new AbortController();
  const hosts = new Map<string, string>();
  let browser: Browser;

  before(async () => {
    browser = await startBrowser();
    for (const [name, options] of Object.entries(COLLECTORS)) {
      const { app, store } = collector(options);
      if (name !== 'empty') await store.record(aBatch(EVENTS), { receivedAt: NOW });
      const listening = Promise.withResolvers<string>();
      const onListening = listening.resolve;
      void serve(app, { host: '127.0.0.1', port: 0, graceMs: 0, onListening })(stop.signal);
      hosts.set(name, await listening.promise);
    }
  });
  after(async () => {
    await browser.close();
    stop.abort();
  });

  for (const { of, path } of PAGES) {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [320, 1440]) {
        it(`has no violation at ${path} (${of}), ${colorScheme}, ${width} pixels`, async () => {
          const host = hosts.get(of);
          const viewport = { width, height: 900 };
          const seen = await visit(browser, {
            url: `http://${host}${path}`,
            colorScheme,
            viewport,
          });
          assert.deepEqual(seen.violations, []);
          assert.deepEqual(seen.hosts, [host]);
          assert.deepEqual(
            seen.complaints.filter((text) => of !== 'closed' || !UNAUTHORIZED.test(text)),
            [],
          );
          assert.ok(seen.overflow <= 0, `${seen.overflow} pixels too wide`);
        });
      }
    }
  }

  it('lets one sign in and out by its forms, without JavaScript', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`http://${hosts.get('closed')}/numbers/creations?range=7d`);
    await page.getByLabel('Read key').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Read key').fill(KEY);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Resources created' }).waitFor();
    assert.match(page.url(), /\/numbers\/creations\?range=7d$/);
    await page.getByRole('link', { name: '90 days' }).click();
    await page.getByRole('img', { name: 'Resources created by day' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Read key').waitFor();
    await context.close();
  });

  it('shows two dates that one chooses, and scrolls its table by the keyboard', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://${hosts.get('full')}/`);
    await page.getByLabel('From', { exact: true }).fill('2026-09-01');
    await page.getByLabel('To', { exact: true }).fill('2026-11-01');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('1 Sept 2026 – 1 Nov 2026.').waitFor();
    const region = page.getByRole('region', { name: 'The seven numbers by day' });
    await region.focus();
    await page.keyboard.press('End');
    const scrolled = "document.querySelector('[role=region]').scrollTop > 0";
    await eventually(async () => assert.ok(await page.evaluate(scrolled)));
    await context.close();
  });
});
