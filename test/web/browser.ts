import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { ensureNeeded } from '../../lab/support/needed.ts';

/** Chromium without windows: it takes less than half the processor time of the whole browser. */
const SHELL = '/usr/bin/chromium-headless-shell';
const WHOLE = '/usr/bin/chromium';

/** Why Chromium can't be had here, or `false`. Root on a Debian gets it installed. */
export async function chromiumMissing(): Promise<string | false> {
  try {
    const log = (line: string) => console.error(line);
    await ensureNeeded({ [SHELL]: 'chromium-headless-shell' }, { env: process.env, log });
    return false;
  } catch (error) {
    return existsSync(WHOLE) ? false : (error as Error).message;
  }
}

/** Starts Chromium without a window. It can't have its own sandbox as root. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = existsSync(SHELL) ? SHELL : WHOLE;
  return await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** What a browser says of a page. */
export interface Visit {
  /** Violations of axe's rules, with where they are. */
  readonly violations: readonly string[];
  /** The hosts of all requests. */
  readonly hosts: readonly string[];
  /** What the browser complains of, such as what the Content-Security-Policy blocks. */
  readonly complaints: readonly string[];
  /** How many pixels the page is wider than the window. */
  readonly overflow: number;
}

/** Opens a page in a context of its own and examines it. */
export async function visit(
  browser: Browser,
  { url, ...look }: BrowserContextOptions & { readonly url: string },
): Promise<Visit> {
  const context = await browser.newContext(look);
  try {
    const page = await context.newPage();
    const hosts = new Set<string>();
    const complaints: string[] = [];
    page.on('request', (request) => void hosts.add(new URL(request.url()).host));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    const violations = await violationsOf(page);
    return { violations, hosts: [...hosts], complaints, overflow: Number(overflow) };
  } finally {
    await context.close();
  }
}

async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(
    "axe.run({ resultTypes: ['violations'] })",
  )) as axe.AxeResults;
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help} at ${nodes.map((node) => node.html).join(', ')}`,
  );
}
