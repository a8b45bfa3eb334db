import type { Browser, BrowserElement, BrowserEvents, BrowserNode } from './browser-types.ts';

/**
 * The script of the pages: keeps a page up to date, and reports a browser session if it is asked.
 *
 * It is sent to the browser as the text of this function, so it uses nothing outside of itself.
 */
export function keepLive(browser: Browser): void {
  const { document, location, navigator } = browser;
  /** Of an `EventSource`. */
  const CLOSED = 2;
  const LIVE = 'This page keeps itself up to date.';
  const script = document.currentScript;
  const status = document.getElementById('live');
  let shown = script?.dataset.revision;
  let wanted = shown;
  let isLoading = false;
  let events: BrowserEvents | undefined;
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

  /** Makes an element equal to another one, and keeps each node that can stay. */
  function patch(from: BrowserElement, to: BrowserElement): void {
    patchAttributes(from, to);
    removeOthers(from, to);
    let place = from.firstChild;
    for (const next of [...to.childNodes]) {
      const kept = matching(from, place, next) ?? document.importNode(next, true);
      if (kept === place) place = kept.nextSibling;
      else from.insertBefore(kept, place);
      patchNode(kept, next);
    }
    removeFrom(place);
  }

  /** Removes the children that have a key which is gone. */
  function removeOthers(from: BrowserElement, to: BrowserElement): void {
    const keys = new Set([...to.children].map(keyOf));
    const gone = [...from.children].filter((child) => keyOf(child) && !keys.has(keyOf(child)));
    for (const child of gone) child.remove();
  }

  function removeFrom(first: BrowserNode | null): void {
    for (let node = first; node !== null; ) {
      const next: BrowserNode | null = node.nextSibling;
      node.remove();
      node = next;
    }
  }

  function patchNode(from: BrowserNode, to: BrowserNode): void {
    if (isElement(from) && isElement(to)) patch(from, to);
    else if (from.nodeValue !== to.nodeValue && !isSelected(from)) from.nodeValue = to.nodeValue;
  }

  function patchAttributes(from: BrowserElement, to: BrowserElement): void {
    // What a person has opened or typed stays.
    const own = (element: BrowserElement) =>
      [...element.attributes].filter(({ name }) => name !== 'open' && name !== 'value');
    for (const { name } of own(from)) if (!to.hasAttribute(name)) from.removeAttribute(name);
    for (const { name, value } of own(to)) {
      if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
  }

  /** The node that stays for `next`: the one with its key, else the one at its place. */
  function matching(
    parent: BrowserElement,
    place: BrowserNode | null,
    next: BrowserNode,
  ): BrowserNode | undefined {
    const key = keyOf(next);
    if (key) return [...parent.children].find((child) => keyOf(child) === key);
    if (place === null || keyOf(place)) return undefined;
    return place.nodeName === next.nodeName ? place : undefined;
  }

  function keyOf(node: BrowserNode): string | undefined {
    return isElement(node) ? node.dataset.key || node.id : undefined;
  }

  function isElement(node: BrowserNode): node is BrowserElement {
    return node.nodeType === 1;
  }

  /** A change of a text would end the selection in it. */
  function isSelected(node: BrowserNode): boolean {
    const selection = browser.getSelection();
    return selection !== null && !selection.isCollapsed && selection.containsNode(node, true);
  }

  function connect(): void {
    const opened = new browser.EventSource('/events');
    events = opened;
    opened.addEventListener('open', () => {
      lostAt = undefined;
      say(LIVE);
    });
    opened.addEventListener('revision', ({ data }) => {
      wanted = data;
      void refresh();
    });
    opened.addEventListener('session', () => void reportSession());
    opened.addEventListener('error', () => sayLost(opened.readyState === CLOSED));
  }

  function sayLost(isOver: boolean): void {
    lostAt ??= new Date().toISOString().slice(0, 19).replace('T', ' ');
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
    if (events === undefined || events.readyState === CLOSED) connect();
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
}
