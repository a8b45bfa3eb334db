import type { Browser, BrowserEvents } from './browser-types.ts';
import type { ElementPatch } from './element-patch.ts';

/**
 * The script of the pages: keeps a page up to date, and reports a browser session if it is asked.
 *
 * It is sent to the browser as the text of this function, so it uses nothing outside of itself.
 */
export function keepLive(browser: Browser, patch: ElementPatch): void {
  const { document, location, navigator } = browser;
  /** Of an `EventSource`. */
  const CLOSED = 2;
  /** The server sends something every 30 s. After this time without anything it seems stopped, in ms. */
  const SILENT_MS = 45_000;
  const LOOK_MS = 5_000;
  /** If `look` comes this late, the machine was asleep, in ms. */
  const SLEPT_MS = 15_000;
  const LIVE = 'This page keeps itself up to date.';
  const script = document.currentScript;
  const status = document.getElementById('live');
  let shown = script?.dataset.revision;
  let wanted = shown;
  let isLoading = false;
  let events: BrowserEvents | undefined;
  let heardAt = Date.now();
  let lookedAt = heardAt;
  let awakeAt = heardAt;
  let lostAt: string | undefined;
  let isAsked = false;
  let isStale = false;

  function say(text: string): void {
    if (status !== null && status.textContent !== text) status.textContent = text;
  }

  /** Loads this page again and replaces what differs, until it shows what is wanted. */
  async function refresh(): Promise<void> {
    if (isLoading || document.hidden) return;
    isLoading = true;
    try {
      while (wanted !== shown) await replace(wanted);
      if (isStale) say(LIVE);
      isStale = false;
    } catch {
      isStale = true;
      say('The page could not be brought up to date. Reload it.');
    }
    isLoading = false;
  }

  async function replace(revision: string | undefined): Promise<void> {
    const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (!response.ok) throw new Error(String(response.status));
    const next = new browser.DOMParser().parseFromString(await response.text(), 'text/html');
    for (const id of ['content', 'source']) {
      const [from, to] = [document.getElementById(id), next.getElementById(id)];
      if (from !== null && to !== null) patch(from, to);
    }
    document.title = next.title;
    shown = revision;
  }

  function connect(): void {
    const opened = new browser.EventSource('/events');
    events = opened;
    opened.addEventListener('open', () => {
      heard();
      say(LIVE);
    });
    opened.addEventListener('revision', ({ data }) => {
      if (lostAt !== undefined) say(LIVE);
      heard();
      wanted = data;
      void refresh();
    });
    opened.addEventListener('session', () => void reportSession());
    opened.addEventListener('error', () => sayLost(opened.readyState === CLOSED));
  }

  function heard(): void {
    heardAt = Date.now();
    lostAt = undefined;
  }

  /** A process that is stopped keeps its connections. */
  function look(): void {
    const now = Date.now();
    // A machine that sleeps receives nothing.
    if (now - lookedAt > SLEPT_MS) awakeAt = now;
    lookedAt = now;
    const isOpen = events !== undefined && events.readyState !== CLOSED;
    if (isOpen && now - Math.max(heardAt, awakeAt) > SILENT_MS) sayLost(false, heardAt);
  }

  function sayLost(isOver: boolean, at = Date.now()): void {
    lostAt ??= new Date(at).toISOString().slice(0, 19).replace('T', ' ');
    say(
      isOver
        ? 'kusk dashboard was started again: open the address that it has printed.'
        : `kusk dashboard has not responded since ${lostAt} UTC: this page shows what was known then.`,
    );
  }

  /** A browser has only six connections to a server: a page that nobody sees needs none. */
  function follow(): void {
    if (document.hidden) {
      events?.close();
      events = undefined;
      return;
    }
    // A stream that was refused is over. By now another tab can have got a cookie that is accepted.
    if (events !== undefined && events.readyState !== CLOSED) return;
    heardAt = Date.now();
    connect();
  }

  /**
   * Reports this browser session unless it was reported. The tabs of one session hold a lock together, so
   * that a tab without the mark, such as one that a link has opened, does not report it again.
   */
  async function reportSession(): Promise<void> {
    if (isAsked) return;
    isAsked = true;
    const mark = 'kusk-dashboard-session';
    const { locks } = navigator;
    const { sessionStorage } = browser;
    // Only a page of a loopback address has locks.
    if (locks === undefined) return await reportOnce(mark);
    await locks.request(mark, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await reportOnce(mark);
      else if (sessionStorage.getItem(mark) === null) sessionStorage.setItem(mark, 'another tab');
      // Queued before the lock is released, and held as long as the page is there.
      void locks.request(mark, { mode: 'shared' }, () => new Promise(() => undefined));
    });
  }

  async function reportOnce(mark: string): Promise<void> {
    const { sessionStorage } = browser;
    if (sessionStorage.getItem(mark) !== null) return;
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    // Before the request: it is better to lose a session than to count it twice.
    sessionStorage.setItem(mark, id);
    await fetch('/session', { headers: { 'X-Kusk-Session': id } });
  }

  document.addEventListener('visibilitychange', follow);
  // A browser can show a page again as it was left.
  browser.addEventListener('pageshow', follow);
  follow();
  browser.setInterval(look, LOOK_MS);
}
