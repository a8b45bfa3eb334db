/**
 * What the script of the pages uses of a browser.
 *
 * TypeScript's own `dom` types are global: with them, `name` or `status` would compile in every file.
 *
 * @see https://dom.spec.whatwg.org
 */

export interface BrowserNode {
  /** 1 for an element. */
  readonly nodeType: number;
  readonly nodeName: string;
  nodeValue: string | null;
  readonly childNodes: Iterable<BrowserNode>;
  readonly firstChild: BrowserNode | null;
  readonly nextSibling: BrowserNode | null;
  readonly insertBefore: (node: BrowserNode, place: BrowserNode | null) => void;
  readonly remove: () => void;
}

export interface BrowserElement extends BrowserNode {
  readonly id: string;
  readonly children: Iterable<BrowserElement>;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  textContent: string;
  readonly getAttribute: (name: string) => string | null;
  readonly hasAttribute: (name: string) => boolean;
  readonly setAttribute: (name: string, value: string) => void;
  readonly removeAttribute: (name: string) => void;
}

export interface BrowserDocument {
  title: string;
  readonly hidden: boolean;
  readonly currentScript: BrowserElement | null;
  readonly getElementById: (id: string) => BrowserElement | null;
  readonly importNode: (node: BrowserNode, deep: boolean) => BrowserNode;
  readonly addEventListener: (type: 'visibilitychange', listener: () => void) => void;
}

export interface BrowserSelection {
  readonly isCollapsed: boolean;
  readonly containsNode: (node: BrowserNode, partly: boolean) => boolean;
}

export interface BrowserEvents {
  readonly readyState: number;
  readonly addEventListener: (
    type: string,
    listener: (event: { readonly data?: string }) => void,
  ) => void;
  readonly close: () => void;
}

export interface BrowserLocks {
  readonly request: (
    name: string,
    options: { readonly mode?: 'shared'; readonly ifAvailable?: true },
    run: (lock: object | null) => Promise<void>,
  ) => Promise<void>;
}

/** The globals of a browser. */
export interface Browser {
  readonly document: BrowserDocument;
  readonly location: { readonly href: string };
  readonly navigator: { readonly locks?: BrowserLocks };
  readonly sessionStorage: {
    readonly getItem: (key: string) => string | null;
    readonly setItem: (key: string, value: string) => void;
  };
  readonly getSelection: () => BrowserSelection | null;
  readonly addEventListener: (type: 'pageshow', listener: () => void) => void;
  readonly DOMParser: new () => {
    readonly parseFromString: (text: string, type: 'text/html') => BrowserDocument;
  };
  readonly EventSource: new (path: string) => BrowserEvents;
  readonly setInterval: (run: () => void, ms: number) => void;
}
