import { KINDS, type Kind } from '../../event.ts';
import type { KindView, ResourceRow, Verdict } from '../model/view.ts';

/** What the list of resources is sorted by. */
export const SORTS = ['age', 'name', 'namespace', 'kind', 'fleet', 'counted'] as const;
export type Sort = (typeof SORTS)[number];
export const VERDICTS = ['counted', 'pending', 'not-counted', 'unknown'] as const;
export const PAGE_SIZE = 50;

/** Which resources a page shows, as its address says. */
export interface ResourceQuery {
  /** Part of a name, namespace, fleet, host, path, UID or messageId. */
  readonly text: string;
  readonly kind: Kind | undefined;
  readonly counted: Verdict['state'] | undefined;
  readonly sort: Sort;
  readonly isDescending: boolean;
  /** From 1. */
  readonly page: number;
}

export interface ResourcePage {
  readonly query: ResourceQuery;
  readonly rows: readonly ResourceRow[];
  /** How many resources the query finds. */
  readonly found: number;
  /** How many there are in all. */
  readonly all: number;
  readonly pages: number;
}

/** A messageId takes time to compute, so it is looked at only for a text that can be part of one. */
const PART_OF_ID = /^[0-9a-f]{6,64}$/;
/** A longer text finds nothing. */
const MAX_TEXT = 300;

/** Reads the query of an address. What is not understood is ignored. */
export function parseResourceQuery(query: Readonly<Record<string, string>>): ResourceQuery {
  const { q = '', kind, counted, sort = 'age', page = '' } = query;
  const key = sort.replace(/^-/, '');
  return {
    text: q.trim().slice(0, MAX_TEXT),
    kind: oneOf(KINDS, kind),
    counted: oneOf(VERDICTS, counted),
    sort: oneOf(SORTS, key) ?? 'age',
    isDescending: sort.startsWith('-'),
    page: /^\d{1,6}$/.test(page) ? Math.max(1, Number(page)) : 1,
  };
}

/** Returns the address of a query. Without `page`, that of its first page. */
export function resourceAddress(query: ResourceQuery, change: Partial<ResourceQuery> = {}): string {
  const { text, kind, counted, sort, isDescending, page } = { ...query, page: 1, ...change };
  const order = `${isDescending ? '-' : ''}${sort}`;
  const search = new URLSearchParams({
    ...(text === '' ? {} : { q: text }),
    ...(kind === undefined ? {} : { kind }),
    ...(counted === undefined ? {} : { counted }),
    ...(order === 'age' ? {} : { sort: order }),
    ...(page === 1 ? {} : { page: String(page) }),
  }).toString();
  return search === '' ? '/resources' : `/resources?${search}`;
}

/** Returns one page of the resources that a query finds. A page after the last is the last. */
export function findResources(
  kinds: Readonly<Record<Kind, KindView>>,
  query: ResourceQuery,
): ResourcePage {
  const all = KINDS.flatMap((kind) => kinds[kind].rows);
  const found = all.filter(matcher(query)).sort(comparer(query));
  const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
  const page = Math.min(query.page, pages);
  return {
    query: { ...query, page },
    rows: found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE),
    found: found.length,
    all: all.length,
    pages,
  };
}

function matcher({ text, kind, counted }: ResourceQuery): (row: ResourceRow) => boolean {
  const wanted = text.toLowerCase();
  return (row) =>
    (kind === undefined || row.kind === kind) &&
    (counted === undefined || row.verdict.state === counted) &&
    (wanted === '' || contains(row, wanted));
}

function contains(row: ResourceRow, wanted: string): boolean {
  if (textsOf(row).some((one) => one.toLowerCase().includes(wanted))) return true;
  return PART_OF_ID.test(wanted) && (row.messageId?.includes(wanted) ?? false);
}

function textsOf(row: ResourceRow): readonly string[] {
  const { name, namespace, fleet = '', hosts, paths, uid } = row;
  return [name, namespace, `${namespace}/${name}`, fleet, uid, ...hosts, ...paths];
}

const KEYS: Readonly<Record<Sort, (row: ResourceRow) => string | number>> = {
  // The youngest first.
  age: ({ createdAt }) => -createdAt,
  name: ({ name }) => name,
  namespace: ({ namespace }) => namespace,
  kind: ({ kind }) => kind,
  fleet: ({ fleet = '' }) => fleet,
  counted: ({ verdict }) => VERDICTS.indexOf(verdict.state),
};

/** Rows that are equal by the sort are ordered by namespace and name, so that pages do not overlap. */
function comparer({ sort, isDescending }: ResourceQuery) {
  const keys = [KEYS[sort], KEYS.namespace, KEYS.name, KEYS.kind, ({ uid }: ResourceRow) => uid];
  return (a: ResourceRow, b: ResourceRow): number => {
    for (const [i, key] of keys.entries()) {
      const order = compare(key(a), key(b));
      if (order !== 0) return i === 0 && isDescending ? -order : order;
    }
    return 0;
  };
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function oneOf<Value extends string>(
  values: readonly Value[],
  text: string | undefined,
): Value | undefined {
  return values.find((value) => value === text);
}
