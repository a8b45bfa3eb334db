import type { Kind, Sighting } from '../event.ts';
import type { KubeRequest } from './connect.ts';
import { MalformedAnswerError } from './errors.ts';
import { METADATA_LIST, resourceVersionOf, sightingOf } from './metadata.ts';

/** A complete list of one kind at one moment of the cluster's history. */
export interface KindList {
  readonly sightings: readonly Sighting[];
  /** The moment: a watch from here sees everything that the list did not. */
  readonly resourceVersion: string;
}

export interface ListOptions {
  readonly request: KubeRequest;
  /** The path of the kind's collection, such as `/apis/gateway.kusk.io/v1alpha1/apis`. */
  readonly path: string;
  /** The moment to list, if it is not now: a resourceVersion. After some minutes that is a 410. */
  readonly at?: string;
  readonly signal: AbortSignal;
}

/** Objects a page. Whole pages are parsed at once, so this bounds the memory that a list takes. */
const PAGE = 500;

interface Page {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly unknown[];
}

/** Lists all resources of a kind in all namespaces, page by page, metadata only. */
export async function listKind(kind: Kind, options: ListOptions): Promise<KindList> {
  const sightings: Sighting[] = [];
  for (let next = ''; ; ) {
    const page = await readPage(next, options);
    for (const item of page.items ?? []) sightings.push(sightingOf(kind, item));
    next = page.metadata?.continue ?? '';
    if (next === '') return { sightings, resourceVersion: resourceVersionOf(page) };
  }
}

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list */
function queryOf(next: string, at: string | undefined): Readonly<Record<string, string>> {
  const limit = String(PAGE);
  if (next !== '') return { limit, continue: next };
  return at === undefined
    ? { limit }
    : { limit, resourceVersion: at, resourceVersionMatch: 'Exact' };
}

async function readPage(next: string, options: ListOptions): Promise<Page> {
  const { request, path, at, signal } = options;
  const query = queryOf(next, at);
  const { body } = await request(path, { query, accept: METADATA_LIST, signal });
  const text = await body.text();
  try {
    return JSON.parse(text) as Page;
  } catch (cause) {
    throw new MalformedAnswerError('sent a list that is not JSON', { cause });
  }
}
