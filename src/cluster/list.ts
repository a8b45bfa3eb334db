import type { Kind, Sighting } from '../event.ts';
import type { Time } from '../runtime/time.ts';
import type { KubeRequest } from './connect.ts';
import { MalformedResponseError } from './errors.ts';
import { readList } from './list-body.ts';
import { METADATA_LIST, resourceVersionOf, sightingOf } from './metadata.ts';
import { serverClock } from './server-clock.ts';

export interface ListOptions {
  readonly request: KubeRequest;
  /** The path of the kind's collection, such as `/apis/gateway.kusk.io/v1alpha1/apis`. */
  readonly path: string;
  /** The moment to list, if it is not now: a resourceVersion. After some minutes that is a 410. */
  readonly at?: string;
  readonly time: Time;
  readonly signal: AbortSignal;
  /** Called with some of the resources at a time. Whether the list is complete is not yet known. */
  readonly onSightings: (sightings: readonly Sighting[]) => void;
}

/** Objects in the first page. Nobody knows yet how large they are. */
const FIRST_PAGE = 100;
const MAX_PAGE = 2_000;
/** Pages are to have about so many bytes, to spare the API server: here, none is held. */
const PAGE_BYTES = 16 * 1_048_576;
/** So many pages in a row may be empty though another follows. */
const EMPTY_PAGE_LIMIT = 20;
/** So many sightings are passed on together, however many a page has. */
const BATCH_SIZE = 500;

interface Page {
  readonly resourceVersion: string;
  /** The token of the next page; empty if this is the last. */
  readonly next: string;
  readonly objects: number;
  readonly bytes: number;
}

/**
 * Lists all resources of a kind in all namespaces, page by page, metadata only. Returns the moment
 * of the list, which is complete and consistent: a watch from here sees all that it did not.
 */
export async function listKind(kind: Kind, options: ListOptions): Promise<string> {
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

/** A page of the wanted size, if the objects of the next are as large; four times as many at most. */
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

async function readPage(kind: Kind, options: ListOptions, pageRequest: PageRequest): Promise<Page> {
  const { request, path, at, time, signal, onSightings } = options;
  const query = queryOf(pageRequest, at);
  const clockOf = serverClock(time);
  const response = await request(path, { query, accept: METADATA_LIST, signal });
  const now = clockOf(response);
  let objects = 0;
  let sightings: Sighting[] = [];
  const flush = () => {
    objects += sightings.length;
    if (sightings.length > 0) onSightings(sightings);
    sightings = [];
  };
  const { list, bytes } = await readList(response, (item) => {
    sightings.push(sightingOf(kind, item, now()));
    if (sightings.length === BATCH_SIZE) flush();
  });
  flush();
  const { metadata } = (list ?? {}) as { readonly metadata?: { readonly continue?: unknown } };
  const next = typeof metadata?.continue === 'string' ? metadata.continue : '';
  return { resourceVersion: resourceVersionOf(list), next, objects, bytes };
}
