import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  findResources,
  PAGE_SIZE,
  parseResourceQuery,
  resourceAddress,
  SORTS,
} from '../../src/dashboard/pages/resource-query.ts';
import { listed, rows } from './views.ts';

function setup({ count = 8 } = {}) {
  const kinds = {
    API: listed(rows({ count })),
    StaticRoute: listed(rows({ kind: 'StaticRoute', count: 3 })),
    EnvoyFleet: listed(rows({ kind: 'EnvoyFleet', count: 1 })),
  };
  return {
    kinds,
    find: (query: Readonly<Record<string, string>>) =>
      findResources(kinds, parseResourceQuery(query)),
  };
}

describe('the query of resources', () => {
  const cases = [
    { title: 'nothing', query: {}, found: 12 },
    { title: 'a name in another case', query: { q: 'API-3' }, found: 1 },
    { title: 'namespace and name', query: { q: 'team-1/api-4' }, found: 1 },
    { title: 'a host', query: { q: 'shop-2.example' }, found: 2 },
    { title: 'a path', query: { q: '/v2/orders' }, found: 2 },
    { title: 'a fleet', query: { q: 'envoy-fleet', kind: 'API' }, found: 4 },
    { title: 'blanks around a text', query: { q: '  api-3 ' }, found: 1 },
    { title: 'a kind', query: { kind: 'StaticRoute' }, found: 3 },
    { title: 'a verdict', query: { counted: 'pending' }, found: 3 },
    { title: 'a kind and a verdict', query: { kind: 'API', counted: 'pending' }, found: 2 },
    { title: 'what there is not', query: { q: 'nothing' }, found: 0 },
    { title: 'a kind that there is not', query: { kind: 'constructor' }, found: 12 },
  ];
  for (const { title, query, found } of cases) {
    it(`finds by ${title}`, () => {
      assert.equal(setup().find(query).found, found);
    });
  }

  it('finds by UID and by messageId', () => {
    const { kinds, find } = setup();
    const row = kinds.API.rows[5];
    for (const q of [row?.uid ?? '', row?.messageId ?? '', row?.messageId?.slice(0, 12) ?? '']) {
      assert.deepEqual(find({ q }).rows, [row]);
    }
  });

  it('computes no messageId for a text that can not be part of one', () => {
    const [row] = rows({ count: 1 });
    const API = listed([
      Object.defineProperty({ ...row } as never, 'messageId', {
        get: () => assert.fail('was computed'),
      }),
    ]);
    const kinds = { ...setup().kinds, API };
    for (const q of ['api', 'shop-0.example.com', 'abc', 'z'.repeat(64)]) {
      findResources(kinds, parseResourceQuery({ q, kind: 'API' }));
    }
  });

  it('shows the youngest first, and the oldest first the other way round', () => {
    const times = (sort: string) =>
      setup()
        .find({ sort })
        .rows.map(({ createdAt }) => createdAt);
    assert.deepEqual(
      times('age'),
      times('age').toSorted((a, b) => b - a),
    );
    assert.deepEqual(
      times('-age'),
      times('age')
        .toReversed()
        .toSorted((a, b) => a - b),
    );
  });

  for (const sort of SORTS) {
    it(`shows each resource on one page, sorted by ${sort}`, () => {
      const { find } = setup({ count: 2 * PAGE_SIZE });
      for (const order of [sort, `-${sort}`]) {
        const pages = ['1', '2', '3'].map((page) => find({ sort: order, page }));
        const uids = pages.flatMap((page) => page.rows.map(({ uid }) => uid));
        assert.equal(pages[0]?.pages, 3);
        assert.equal(uids.length, 2 * PAGE_SIZE + 4);
        assert.equal(new Set(uids).size, uids.length);
      }
    });
  }

  for (const page of ['0', '-1', '1.5', '99999999', 'x', '']) {
    it(`shows a page that there is for page=${page}`, () => {
      const result = setup().find({ page });
      assert.equal(result.query.page, 1);
      assert.equal(result.rows.length, 12);
    });
  }

  it('shows the last page for a page after it', () => {
    assert.equal(setup({ count: 120 }).find({ page: '77' }).query.page, 3);
  });

  it('is the same in its address', () => {
    for (const query of [
      {},
      { q: 'a b&c', kind: 'API', counted: 'not-counted', sort: '-name' },
      { sort: '-age' },
    ]) {
      const parsed = parseResourceQuery(query);
      const { searchParams } = new URL(resourceAddress(parsed), 'http://a');
      assert.deepEqual(parseResourceQuery(Object.fromEntries(searchParams)), parsed);
    }
    assert.equal(resourceAddress(parseResourceQuery({})), '/resources');
    assert.equal(
      resourceAddress(parseResourceQuery({ page: '2' }), { page: 3 }),
      '/resources?page=3',
    );
    assert.equal(
      resourceAddress(parseResourceQuery({ page: '2' }), { kind: 'API' }),
      '/resources?kind=API',
    );
  });
});
