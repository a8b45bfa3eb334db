import type { Kind, Sighting } from '../event.ts';
import type { Time } from '../runtime/time.ts';
import type { KubeRequest } from './connect.ts';
import { MalformedResponseError } from './errors.ts';
import { resourceVersionOf } from './metadata.ts';
import type { ObjectReader } from './object-reader.ts';
import { serverClock } from './server-clock.ts';

export interface ListOptions<Item extends Sighting = Sighting> {
  readonly request: KubeRequest;
  readonly reader: ObjectReader<Item>;
  /** The path of the kind's collection, such as `/apis/gateway.kusk.io/v1alpha1/apis`. */
  readonly path: string;
  /** The resourceVersion to list, if not the latest. After some minutes it leads to a 410. */
  readonly at?: string;
  readonly time: Time;
  readonly signal: AbortSignal;
  /** Called with one batch of resources after the other. The list may still be incomplete. */
  readonly onItems: (items: readonly Item[]) => void;
}

/** Objects in the first page. Their size is not known yet. */
const FIRST_PAGE = 100;
const MAX_PAGE = 2_000;
/** The target size of a page, in bytes. It spares the API server: no page is buffered here. */
const PAGE_BYTES = 16 * 1_048_576;
/** How many pages in a row may be empty although another follows. */
const EMPTY_PAGE_LIMIT = 20;
/** The number of resources passed on together, whatever the size of the page. */
const BATCH_SIZE = 500;

interface Page {
  readonly resourceVersion: string;
  /** The token of the next page; empty if this is the last. */
  readonly next: string;
  readonly objects: number;
  readonly bytes: number;
}

/**
 * Lists all resources of a kind in all namespaces, page by page. Returns the
 * resourceVersion of the list. The list is complete and consistent: a watch from this
 * resourceVersion reports every later change.
 */
export async function listKind<Item extends Sighting>(
  kind: Kind,
  options: ListOptions<Item>,
): Promise<string> {
  let limit = FIRST_PAGE;
  let empty = 0;
  for (let token = ''; ; ) {
    const page = await readPage(kind, options, { limit, token });
    if (page.next === '') return page.resourceVersion;
    empty = page.objects > 0 ? 0 : empty + 1;
    if (page.next === token || empty > EMPTY_PAGE_LIMIT) {
      throw new MalformedResponseError('sent a list without end');
    }
    token = page.next;
    limit = nextLimit(limit, page);
  }
}

/** Returns the limit of the next page, assuming objects of the same size. At most quadruples it. */
function nextLimit(limit: number, { objects, bytes }: Page): number {
  const wanted = Math.floor((PAGE_BYTES * Math.max(1, objects)) / bytes);
  return Math.max(1, Math.min(wanted, 4 * limit, MAX_PAGE));
}

interface PageRequest {
  readonly limit: number;
  readonly token: string;
}

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list */
function queryOf({ limit, token }: PageRequest, at: string | undefined): Record<string, string> {
  const query = { limit: String(limit) };
  if (token !== '') return { ...query, continue: token };
  return at === undefined
    ? query
    : { ...query, resourceVersion: at, resourceVersionMatch: 'Exact' };
}

async function readPage<Item extends Sighting>(
  kind: Kind,
  options: ListOptions<Item>,
  pageRequest: PageRequest,
): Promise<Page> {
  const { request, reader, path, at, time, signal, onItems } = options;
  const query = queryOf(pageRequest, at);
  const clockOf = serverClock(time);
  const response = await request(path, { query, accept: reader.listAccept, signal });
  const now = clockOf(response);
  let objects = 0;
  let items: Item[] = [];
  const flush = () => {
    objects += items.length;
    if (items.length > 0) onItems(items);
    items = [];
  };
  const { list, bytes } = await reader.readList(response, (object) => {
    items.push(reader.itemOf(kind, object, now()));
    if (items.length === BATCH_SIZE) flush();
  });
  flush();
  const { metadata } = (list ?? {}) as { readonly metadata?: { readonly continue?: unknown } };
  const next = typeof metadata?.continue === 'string' ? metadata.continue : '';
  return { resourceVersion: resourceVersionOf(list), next, objects, bytes };
}
