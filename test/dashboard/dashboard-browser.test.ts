import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { freePort } from '../../lab/control-plane/ports.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { fakeTime } from '../../lab/support/fake-time.ts';
import type { TelemetryEvent } from '../../src/event.ts';
import { chromiumMissing, startBrowser, visit } from '../web/browser.ts';
import { type Serving, serving } from './serving.ts';
import { HOSTILE, listed, NOW, rows, VIEWS, viewOf } from './views.ts';

const missing = await chromiumMissing();
const ON = viewOf('on');
const PATHS = ['/', '/resources', '/sent', '/preview'];
/** The states in which the list of resources differs. */
const LISTS = ['CRDs missing', 'rights missing', 'connecting', 'hostile'];

describe('the dashboard in Chromium', { skip: missing }, () => {
  let browser: Browser;
  let served: Serving;
  /** The cookie, which the first context has got by the token. */
  let cookies: BrowserContextOptions;

  before(async () => {
    browser = await startBrowser();
    served = await serving({ view: ON });
    const context = await browser.newContext();
    await (await context.newPage()).goto(served.addressWithToken);
    cookies = { storageState: await context.storageState() };
    await context.close();
  });
  after(async () => {
    await browser.close();
    await served.stop();
  });

  /** Opens a page in a context of its own, which has the cookie. */
  async function open(path: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ ...cookies, ...options });
    const page = await context.newPage();
    await page.goto(new URL(path, served.address).href);
    return { context, page };
  }

  const LOOKS = [
    { colorScheme: 'light', width: 1440 },
    { colorScheme: 'dark', width: 320 },
    { colorScheme: 'dark', width: 1440 },
    { colorScheme: 'light', width: 320 },
  ] as const;
  /** Every page in two looks, and every state in one, but those that differ in words only. */
  const VISITS = [
    ...PATHS.flatMap((path) => LOOKS.slice(0, 2).map((look) => ({ name: 'on', path, look }))),
    ...Object.keys(VIEWS).flatMap((name, i) => {
      if (/^(off by the [CD]|off by DO|ledger [^d])/.test(name)) return [];
      const paths = LISTS.includes(name) ? ['/', '/resources'] : ['/'];
      return paths.map((path, nth) => ({ name, path, look: LOOKS[(i + nth) % 4] ?? LOOKS[0] }));
    }),
  ];
  for (const { name, path, look } of VISITS) {
    const { colorScheme, width } = look;
    it(`has no violation at ${path} (${name}), ${colorScheme}, ${width} pixels`, async () => {
      served.dashboard.show(viewOf(name));
      const seen = await visit(browser, {
        ...cookies,
        url: new URL(path, served.address).href,
        colorScheme,
        viewport: { width, height: 900 },
      });
      assert.deepEqual(seen.violations, []);
      assert.deepEqual(seen.hosts, [new URL(served.address).host]);
      assert.deepEqual(seen.complaints, []);
      assert.ok(seen.overflow <= 0, `${seen.overflow} pixels too wide`);
      assert.deepEqual(served.failures, []);
    });
  }

  it('executes nothing that comes from a cluster, and shows what can not be seen', async () => {
    served.dashboard.show(viewOf('hostile'));
    for (const path of PATHS) {
      const { context, page } = await open(path);
      page.on('dialog', () => assert.fail('a script was executed'));
      assert.equal(await page.locator('main img, main script').count(), 0);
      const text = (await page.locator('main').textContent()) ?? '';
      for (const unseen of ['\u202e', '\u0007', '\u200b', '\u2028']) {
        assert.ok(!text.includes(unseen));
      }
      if (path === '/resources') assert.ok(text.includes(HOSTILE.slice(0, 30)));
      await context.close();
    }
  });

  it('shows a change without losing scroll, focus, selection and what is open', async () => {
    served.dashboard.show(ON);
    const { context, page } = await open('/resources');
    const row = page.locator('tr', {
      has: page.getByRole('rowheader', { name: 'api-5', exact: true }),
    });
    await row.locator('details.verdict summary').click();
    await page.getByRole('searchbox').fill('half a wo');
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector(
      'details[open] .message-id'))`);
    await page.evaluate('scrollTo(0, 400)');
    const before = await stateOf(page);

    const [first, ...others] = rows({ count: 12 });
    assert.ok(first);
    const added = { ...first, uid: 'added', name: 'just-added', createdAt: first.createdAt + 40 };
    const kinds = { ...ON.kinds, API: listed([added, ...others]) };
    served.dashboard.show({ ...ON, kinds });
    await page.getByRole('rowheader', { name: 'just-added' }).waitFor();
    assert.equal(await page.getByRole('rowheader', { name: 'api-0', exact: true }).count(), 0);
    assert.deepEqual(await stateOf(page), before);
    assert.equal(before.scroll, 400);
    assert.equal(before.typed, 'half a wo');
    assert.equal(before.selected.length, 64);
    assert.equal(before.open, 1);
    await context.close();
  });

  it('shows all of a switch on a narrow screen, and copies a command as it is', async () => {
    served.dashboard.show(ON);
    const { context, page } = await open('/', { viewport: { width: 320, height: 900 } });
    const hidden = await page.evaluate(
      "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('#switches .scroll'))",
    );
    assert.equal(hidden, 0);
    const copied = await page.evaluate(
      "getSelection().selectAllChildren(document.querySelectorAll('pre.command')[1]), getSelection().toString()",
    );
    assert.equal(copied, ON.telemetry.commands[1]?.command);
    await context.close();
  });

  it('says that kusk has ended or was started again, and goes on with the new cookie', async () => {
    const own = await serving({ view: ON, port: await freePort() });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(own.addressWithToken);
    await page.getByText('This page keeps itself up to date.').waitFor();
    await own.stop();
    await page.getByText(/has not responded since/).waitFor();
    assert.ok(await page.getByRole('heading', { name: 'Telemetry is on' }).isVisible());
    await using again = await serving({ view: ON, port: own.bound.port });
    await page.getByText(/was started again/).waitFor();
    await (await context.newPage()).goto(again.addressWithToken);
    // As when a person returns to the tab.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.getByText('This page keeps itself up to date.').waitFor();
    await context.close();
  });

  /** A dashboard whose time stands still, and that counts no session, sends only what a test shows. */
  async function openSilent(t: TestContext) {
    const { time } = fakeTime({ start: NOW });
    const machine = { isOn: false, decidedBy: 'DO_NOT_TRACK is "1"', endpoint: undefined };
    const own = await serving({ view: viewOf('off by the opt-out'), machine, time });
    const context = await browser.newContext();
    t.after(async () => {
      await context.close();
      await own.stop();
    });
    const page = await context.newPage();
    await page.clock.install({ time: '2026-11-23T12:00:00Z' });
    await page.goto(own.addressWithToken);
    const live = page.getByText('This page keeps itself up to date.');
    await live.waitFor();
    await page.clock.pauseAt('2026-11-23T12:00:30Z');
    own.dashboard.show(ON);
    await page.getByRole('heading', { name: 'Telemetry is on' }).waitFor();
    const isLive = async () => assert.ok(await live.isVisible());
    return { ...own, page, live, isLive };
  }

  it('says since when kusk is silent, as one that is stopped, and goes on when it is not', async (t) => {
    const { dashboard, page, live, isLive } = await openSilent(t);
    await page.clock.runFor(40_000);
    await isLive();
    await page.clock.runFor(20_000);
    await page.getByText(/has not responded since 2026-11-23 12:00:30 UTC/).waitFor();
    dashboard.show(viewOf('off by the opt-out'));
    await live.waitFor();
    await page.getByRole('heading', { name: 'Telemetry is off' }).waitFor();
  });

  it('does not say that kusk is silent when its own machine has slept', async (t) => {
    const { page, isLive } = await openSilent(t);
    await page.clock.fastForward(600_000);
    await isLive();
    await page.clock.runFor(40_000);
    await isLive();
    await page.clock.runFor(20_000);
    await page.getByText(/has not responded since 2026-11-23 12:00:30 UTC/).waitFor();
  });

  it('takes back that it could not be brought up to date when it is', async (t) => {
    const { dashboard, page, live } = await openSilent(t);
    const isPage = ({ pathname }: URL) => pathname === '/';
    await page.route(isPage, (route) => route.fulfill({ status: 500 }), { times: 1 });
    dashboard.show(viewOf('off by the opt-out'));
    await page.getByText('The page could not be brought up to date.').waitFor();
    dashboard.show(viewOf('off by DO_NOT_TRACK'));
    await live.waitFor();
    await page.getByRole('heading', { name: 'Telemetry is off' }).waitFor();
  });

  it('runs no script that another program has left in the cache', async () => {
    const context = await browser.newContext(cookies);
    const page = await context.newPage();
    const isFile = ({ pathname }: URL) => pathname.startsWith('/assets/');
    await page.route(isFile, (route) =>
      route.fulfill({ contentType: 'text/javascript', body: 'document.title = "poisoned"' }),
    );
    await page.goto(served.address);
    assert.match(await page.title(), /Kusk dashboard/);
    await context.close();
  });

  it('works without JavaScript: its pages, its filter and its sorting', async () => {
    served.dashboard.show(ON);
    const { context, page } = await open('/', { javaScriptEnabled: false });
    await page.locator('#live noscript').waitFor();
    await page.locator('#sessions noscript').waitFor();
    await page.getByRole('link', { name: 'Resources', exact: true }).click();
    await page.getByRole('link', { name: 'StaticRoute 5' }).click();
    await page.getByRole('link', { name: 'Name', exact: true }).click();
    assert.equal(await page.locator('tbody tr').count(), 5);
    await page.getByRole('searchbox').fill('STATICROUTE-3');
    await page.keyboard.press('Enter');
    await page.getByText('1 that match, of 18 resources').waitFor();
    assert.match(page.url(), /kind=StaticRoute&sort=name&q=STATICROUTE-3&counted=$/);
    await page.locator('details.verdict summary').click();
    await page.getByText('openssl dgst').waitFor();
    await context.close();
  });

  it('is used by the keyboard alone', async () => {
    served.dashboard.show(ON);
    const { context, page } = await open('/');
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'Skip to the content');
    for (const name of ['Kusk dashboard', 'Telemetry', 'Resources']) {
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), name);
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Resources' }).waitFor();
    await page.locator('details.verdict summary').first().focus();
    await page.keyboard.press('Enter');
    await page.getByText('To check it by hand:').first().waitFor();
    await context.close();
  });

  it('opens from the file that kusk gives to the browser, and from a link of another site', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const link = `<meta http-equiv="refresh" content="0; url=${served.addressWithToken}">`;
    await page.goto(
      `data:text/html,${encodeURIComponent(`<a href="${served.addressWithToken}">open</a>`)}`,
    );
    await page.getByRole('link').click();
    await page.getByRole('navigation', { name: 'Dashboard' }).waitFor();
    assert.equal(page.url(), served.address);
    const { writeFile, mkdtemp, rm } = await import('node:fs/promises');
    const folder = await mkdtemp('/tmp/kusk-dashboard-test-');
    await writeFile(`${folder}/open.html`, link);
    const other = await browser.newContext();
    const opened = await other.newPage();
    await opened.goto(`file://${folder}/open.html`);
    await opened.getByRole('navigation', { name: 'Dashboard' }).waitFor();
    assert.equal(opened.url(), served.address);
    await rm(folder, { recursive: true });
    await other.close();
    await context.close();
  });
});

describe('browser sessions in Chromium', { skip: missing }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(async () => {
    await browser.close();
  });

  function endpoint() {
    const received: TelemetryEvent[] = [];
    return { received, deliver: async (event: TelemetryEvent) => void received.push(event) };
  }

  /** The page has brought itself up to date after this. */
  async function settled(page: Page): Promise<void> {
    await page.getByText('This page keeps itself up to date.').waitFor();
    await page.evaluate("fetch('/resources').then((response) => response.text())");
  }

  async function tabOf(context: BrowserContext, url: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(url);
    await settled(page);
    return page;
  }

  it('count once through reloads, tabs and a restart, and again in another browser', async () => {
    const { received, deliver } = endpoint();
    const first = await serving({ view: ON, deliver, port: await freePort() });
    const context = await browser.newContext();
    const page = await tabOf(context, first.addressWithToken);
    await page.locator('#sessions').getByText('sent', { exact: true }).waitFor();
    await page.reload();
    await settled(page);
    await page.getByRole('link', { name: 'Resources', exact: true }).click();
    await settled(page);
    const popup = context.waitForEvent('page');
    await page.getByRole('link', { name: 'Sent', exact: true }).click({ modifiers: ['Control'] });
    await settled(await popup);
    await tabOf(context, first.addressWithToken);
    await first.stop();
    const { port } = first.bound;
    await using second = await serving({ view: ON, deliver, port });
    await page.goto(second.addressWithToken);
    await settled(page);
    await tabOf(context, second.addressWithToken);
    assert.equal(received.length, 1);

    const other = await browser.newContext();
    await tabOf(other, second.addressWithToken);
    await eventually(() => assert.equal(received.length, 2));
    const ids = received.flatMap(({ messageId, anonymousId }) => [messageId, anonymousId]);
    assert.equal(new Set(ids).size, 4);
    await other.close();
    await context.close();
  });

  it('are not counted, and leave nothing in the browser, while telemetry is off', async () => {
    const off = { isOn: false, decidedBy: 'DO_NOT_TRACK is "1"', endpoint: undefined };
    const cases = [{ view: ON, machine: off }, { view: viewOf('off by the opt-out') }];
    for (const options of cases) {
      const { received, deliver } = endpoint();
      await using served = await serving({ ...options, deliver });
      const context = await browser.newContext();
      const page = await tabOf(context, served.addressWithToken);
      await page.reload();
      await settled(page);
      assert.equal(await page.evaluate('sessionStorage.length + localStorage.length'), 0);
      assert.equal(received.length, 0);
      await context.close();
    }
  });
});

async function stateOf(page: Page) {
  return (await page.evaluate(`({
    scroll: scrollY,
    focus: document.activeElement.id,
    typed: document.getElementById('q').value,
    selected: getSelection().toString(),
    open: document.querySelectorAll('details[open]').length,
  })`)) as {
    readonly scroll: number;
    readonly focus: string;
    readonly typed: string;
    readonly selected: string;
    readonly open: number;
  };
}

async function focused(page: Page): Promise<string> {
  return String(await page.evaluate('document.activeElement.textContent')).trim();
}
