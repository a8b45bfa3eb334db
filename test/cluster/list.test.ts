import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { fakeTime } from '../../lab/support/fake-time.ts';
import type { KubeRequest, KubeRequestOptions } from '../../src/cluster/connect.ts';
import { KubeStatusError, MalformedResponseError } from '../../src/cluster/errors.ts';
import { listKind } from '../../src/cluster/list.ts';
import { METADATA_LIST } from '../../src/cluster/metadata.ts';
import { sightingReader } from '../../src/cluster/sighting-reader.ts';

const PATH = '/apis/gateway.kusk.io/v1alpha1/apis';
const MIB = 1_048_576;

interface Scripted {
  readonly items?: readonly unknown[] | null;
  readonly next?: string;
  /** Replaces the list. */
  readonly text?: string;
  readonly date?: string;
}

type Query = Readonly<Record<string, string | undefined>>;

function item(uid: string, annotation = '') {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': annotation };
  const creationTimestamp = '2026-11-23T12:00:00Z';
  return { metadata: { name: uid, annotations, uid, resourceVersion: '7', creationTimestamp } };
}

/** Lists from a scripted API server. */
async function list(respond: (query: Query) => Scripted, at?: string) {
  const queries: Query[] = [];
  const batches: (readonly string[])[] = [];
  const seenAt = new Set<number>();
  const { time } = fakeTime();
  const request = (async (path: string, { query = {}, accept }: KubeRequestOptions) => {
    assert.deepEqual([path, accept], [PATH, METADATA_LIST]);
    queries.push(query);
    const { items = [], next, text, date } = respond(query);
    const metadata = { resourceVersion: '500', continue: next, remainingItemCount: 3 };
    const body = Readable.from([Buffer.from(text ?? JSON.stringify({ metadata, items }))]);
    return { headers: { date }, body };
  }) as unknown as KubeRequest;
  const resourceVersion = await listKind('API', {
    request,
    path: PATH,
    ...(at !== undefined && { at }),
    time,
    signal: new AbortController().signal,
    reader: sightingReader,
    onItems(sightings) {
      batches.push(sightings.map(({ uid }) => uid));
      for (const sighting of sightings) seenAt.add(sighting.seenAt);
    },
  });
  return { resourceVersion, queries, batches, uids: batches.flat(), seenAt, time };
}

const numbered = (count: number, annotation?: string) =>
  Array.from({ length: count }, (_, index) => item(`${index}`, annotation));

describe('a list', () => {
  it('is read page by page, also at a past resourceVersion', async () => {
    const odd = 'a+/=&?%20#"ü';
    const { resourceVersion, queries, uids } = await list(
      ({ continue: token }) =>
        token === undefined ? { items: [item('a')], next: odd } : { items: [item('b')] },
      '42',
    );
    assert.equal(resourceVersion, '500');
    assert.deepEqual(uids, ['a', 'b']);
    const [first = {}, second = {}] = queries;
    assert.deepEqual(
      [first.resourceVersion, first.resourceVersionMatch, first.continue],
      ['42', 'Exact', undefined],
    );
    assert.deepEqual(
      [second.resourceVersion, second.resourceVersionMatch, second.continue],
      [undefined, undefined, odd],
    );
  });

  it('may have a continue token of 8,192 bytes', async () => {
    const longest = 'x'.repeat(8_192);
    const { queries, uids } = await list(({ continue: token }) =>
      token === undefined ? { items: [item('a')], next: longest } : { items: [item('b')] },
    );
    assert.deepEqual(uids, ['a', 'b']);
    assert.equal(queries[1]?.continue, longest);
  });

  it('is passed on in batches, even if the server ignores the limit', async () => {
    const { batches, queries } = await list(() => ({ items: numbered(1_750) }));
    assert.equal(queries.length, 1);
    assert.deepEqual(
      batches.map(({ length }) => length),
      [500, 500, 500, 250],
    );
  });

  it('may have empty pages, and items that are null', async () => {
    let left = 20;
    const { uids } = await list(() => {
      left -= 1;
      return left > 0 ? { items: null, next: `${left}` } : { items: [item('a')] };
    });
    assert.deepEqual(uids, ['a']);
  });

  it('has pages of some MiB, whatever the size of its objects', async () => {
    for (const bytes of [100, 20_000, 400_000]) {
      const annotation = 'x'.repeat(bytes);
      let pages = 5;
      const sizes: number[] = [];
      await list(({ limit }) => {
        pages -= 1;
        sizes.push(Number(limit) * bytes);
        return {
          items: numbered(Math.min(Number(limit), 300), annotation),
          next: pages > 0 ? `${pages}` : '',
        };
      });
      assert.ok(
        sizes.slice(1).every((size) => size <= Math.max(20 * MIB, bytes)),
        `${sizes}`,
      );
    }
  });

  it('has the time of each sighting by the API server’s clock', async () => {
    const date = 'Wed, 25 Nov 2026 12:00:00 GMT';
    const { seenAt } = await list(() => ({ items: [item('a')], date }));
    assert.deepEqual([...seenAt], [Date.parse(date) / 1000]);
  });

  for (const date of [undefined, 'yesterday', '']) {
    it(`has the local time if the Date header is ${JSON.stringify(date)}`, async () => {
      const scripted = { items: [item('a')], ...(date !== undefined && { date }) };
      const { seenAt, time } = await list(() => scripted);
      assert.deepEqual([...seenAt], [Math.floor(time.now() / 1000)]);
    });
  }
});

describe('an invalid list', () => {
  const cases: Readonly<Record<string, Scripted>> = {
    HTML: { text: '<html>' },
    nothing: { text: '' },
    'an incomplete list': { text: '{"metadata":{"resourceVersion":"5"},"items":[' },
    'one without resourceVersion': { text: '{"items":[]}' },
    'one of objects without metadata': { items: [{}] },
    'one of objects without uid': { items: [item('')] },
    'one with an empty element': { text: '{"metadata":{"resourceVersion":"5"},"items":[,]}' },
    'one whose pages go in circles': { items: [item('a')], next: 'same' },
  };
  for (const [title, scripted] of Object.entries(cases)) {
    it(`is ${title}`, async () => {
      await assert.rejects(
        list(() => scripted),
        MalformedResponseError,
      );
    });
  }

  it('is one with endless empty pages', async () => {
    let token = 0;
    const endless = () => {
      token += 1;
      return { next: `${token}` };
    };
    await assert.rejects(list(endless), new MalformedResponseError('sent a list without end'));
    assert.ok(token < 100);
  });

  for (const items of [[], [item('a')]]) {
    it(`is one whose continue token is too long, after ${items.length} objects`, async () => {
      const tooLong = new MalformedResponseError('sent a text that is too long');
      await assert.rejects(
        list(() => ({ items, next: 'x'.repeat(8_193) })),
        tooLong,
      );
      await assert.rejects(
        list(() => ({ items, next: 'ü'.repeat(4_097) })),
        tooLong,
      );
    });
  }

  it('is one whose next page has expired', async () => {
    const expired = new KubeStatusError(410, { reason: 'Expired' });
    await assert.rejects(
      list(({ continue: token }) => {
        if (token !== undefined) throw expired;
        return { items: [item('a')], next: 'more' };
      }),
      expired,
    );
  });
});
