import type { Browser, BrowserElement, BrowserNode } from './browser-types.ts';

export type ElementPatch = (from: BrowserElement, to: BrowserElement) => void;

/**
 * Returns a function that makes an element of the page equal to another one, and keeps each node that can
 * stay.
 *
 * It is sent to the browser as the text of this function, so it uses nothing outside of itself.
 */
export function elementPatch(browser: Browser): ElementPatch {
  function patch(from: BrowserElement, to: BrowserElement): void {
    patchAttributes(from, to);
    removeOthers(from, to);
    let place = from.firstChild;
    for (const next of [...to.childNodes]) {
      const kept = matching(from, place, next) ?? browser.document.importNode(next, true);
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

  return patch;
}
