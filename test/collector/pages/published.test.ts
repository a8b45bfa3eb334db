import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addDays } from '../../../src/collector/day.ts';
import { computeNumbers } from '../../../src/collector/numbers/numbers.ts';
import {
  FIGURE_NAMES,
  type FigureName,
  figuresFrom,
  NUMBER_PAGES,
} from '../../../src/collector/pages/figures.ts';
import {
  lastPublishedDay,
  publishedFigure,
  publishedMonths,
} from '../../../src/collector/pages/published.ts';
import { type Store, StoreUnavailable } from '../../../src/collector/store/store.ts';
import { type EventName, KINDS, type TelemetryEvent } from '../../../src/event.ts';
import { aBatch, anEvent, aStore, collector, NOW } from '../setup.ts';

/** At 23 November. */
const MONTHS = ['2026-08', '2026-09', '2026-10'] as const;
const UNPUBLISHED = '2026-11';
const LAST = '2026-10-31';

/** An event for each figure that is not a sum of others. */
const EVENTS: readonly (readonly [TelemetryEvent['event'], EventName])[] = [
  ['kusk-cli', 'install'],
  ['kusk-cli', 'dashboard'],
  ['kusk-gateway', 'install'],
  ['kusk-gateway', 'heartbeat'],
  ['kusk-gateway', 'analytics-disabled'],
  ['kusk-dashboard', 'session'],
  ['kusk-gateway', 'api-created'],
  ['kusk-gateway', 'static-route-created'],
  ['kusk-gateway', 'envoy-fleet-created'],
];

/** How many events of one figure a month has, and on which days. */
interface Amount {
  /** How many times 5: what is published. */
  readonly fives: number;
  /** 0 to 4: what is not. */
  readonly more: number;
  readonly days: readonly number[];
}

const secret = {
  more: fc.nat(4),
  days: fc.array(fc.integer({ min: 1, max: 28 }), { minLength: 1, maxLength: 9 }),
};
const unpublished = fc.record({ fives: fc.nat(3), ...secret });

function eventsOf(month: string, amounts: readonly Amount[]): readonly TelemetryEvent[] {
  return amounts.flatMap(({ fives, more, days }, nth) => {
    const [source, name] = EVENTS[nth] ?? [];
    return Array.from({ length: 5 * fives + more }, (_, i) => {
      const day = String(days[i % days.length]).padStart(2, '0');
      const subject = `${month}-${nth}-${i}`;
      const timestamp = `${month}-${day}T10:00:00Z`;
      return anEvent({ messageId: subject, subject, timestamp, source, name } as object);
    });
  });
}

async function publicCollector(events: readonly TelemetryEvent[], now = () => NOW) {
  const parts = collector({ readKey: 'r', isPublic: true, now });
  if (events.length > 0) await parts.store.record(aBatch(events), { receivedAt: NOW });
  return parts;
}

const PATHS = ['/', ...NUMBER_PAGES.map(({ slug }) => `/numbers/${slug}`)];
const ALLOWED = [
  '',
  '?range=year',
  '?range=all',
  '?range=all&by=month',
  `?to=${LAST}`,
  '?from=2026-10-01',
  '?from=2026-08-01&to=2026-09-30',
  `?from=2026-10-01&to=${LAST}`,
];
const REFUSED = [
  '?range=7d',
  '?range=28d',
  '?range=90d',
  '?by=day',
  '?by=week',
  '?range=year&by=day',
  '?from=2026-11-01&to=2026-11-09',
  '?from=2026-11-01&to=2026-11-30',
  '?from=2026-10-01&to=2026-11-23',
  '?from=2026-10-02&to=2026-10-31',
  '?from=2026-10-01&to=2026-10-30&by=month',
  '?to=2026-11-10',
];
const SOME = [
  '/',
  '/numbers.json',
  '/numbers.csv',
  '/numbers/creations',
  '/numbers/active-clusters.json',
];
const ADDRESSES = [
  ...PATHS.map((path) => `${path}?range=all`),
  ...ALLOWED.flatMap((query) => SOME.map((path) => `${path}${query}`)),
  ...REFUSED.flatMap((query) => ['/', '/numbers.json'].map((path) => `${path}${query}`)),
];
const OTHERS = ['/v1/numbers', '/v1/events', '/metrics', '/received', '/received.json', '/sign-in'];

async function seenBy(get: ReturnType<typeof collector>['get'], addresses: readonly string[]) {
  const seen: string[] = [];
  for (const address of addresses) {
    const { status, text } = await get(address);
    seen.push(`${address}: ${status} ${text}`);
  }
  return seen;
}

describe('what the public sees', () => {
  it('depends on nothing but the rounded figures of whole months, at any address', async () => {
    const cells = fc.array(fc.nat(2), { minLength: EVENTS.length, maxLength: EVENTS.length });
    const rest = fc.array(fc.record(secret), {
      minLength: EVENTS.length,
      maxLength: EVENTS.length,
    });
    const world = fc.record({
      months: fc.tuple(rest, rest, rest),
      now: fc.array(unpublished, { maxLength: EVENTS.length }),
    });
    await fc.assert(
      fc.asyncProperty(fc.tuple(cells, cells, cells), world, world, async (fives, ...worlds) => {
        const [one, other] = await Promise.all(
          worlds.map(async ({ months, now }) => {
            const published = months.flatMap((amounts, at) =>
              eventsOf(
                MONTHS[at] ?? '',
                amounts.map((amount, nth) => ({ ...amount, fives: fives[at]?.[nth] ?? 0 })),
              ),
            );
            const { get } = await publicCollector([...published, ...eventsOf(UNPUBLISHED, now)]);
            return await seenBy(get, [...ADDRESSES, ...OTHERS]);
          }),
        );
        assert.deepEqual(one, other);
      }),
      { numRuns: 12, seed: 20_261_123, endOnFailure: true },
    );
  });

  it('changes on the eighth of a month only, however often it is read while events arrive', async () => {
    let now = Date.parse('2026-11-01T12:00:00Z');
    const { get, store } = await publicCollector([], () => now);
    async function read(query: string): Promise<string> {
      const { today, ...seen } = JSON.parse((await get(`/numbers.json?${query}`)).text);
      return JSON.stringify(seen);
    }
    const changes: string[] = [];
    let before = await read('range=all');
    for (let day = '2026-11-01'; day < '2027-01-12'; day = addDays(day, { days: 1 })) {
      now = Date.parse(`${day}T00:00:00Z`);
      for (const hour of ['00', '12', '23']) {
        now = Date.parse(`${day}T${hour}:00:00Z`);
        const id = `${day}-${hour}`;
        const timestamp = new Date(now).toISOString();
        const event = anEvent({ messageId: id, subject: id, timestamp });
        await store.record(aBatch([event]), { receivedAt: now });
        const seen = await read('range=all');
        if (seen !== before) changes.push(id);
        before = seen;
      }
    }
    assert.deepEqual(changes, ['2026-11-08-00', '2026-12-08-00', '2027-01-08-00']);
    const { total, periods } = JSON.parse(before);
    assert.deepEqual([total.activeClusters, periods.length], [90, 2]);
    assert.equal(periods[1].activeClusters, 90);
  });

  for (const query of ALLOWED) {
    it(`is there at ${query || 'the first address'}`, async () => {
      const { get } = await publicCollector([]);
      for (const path of PATHS) assert.equal((await get(`${path}${query}`)).status, 200);
    });
  }

  for (const query of REFUSED) {
    it(`is refused, with what to write and a way to sign in, at ${query}`, async () => {
      const { get } = await publicCollector([]);
      const page = await get(`/numbers/creations${query}`);
      assert.equal(page.status, 400);
      assert.match(page.text, /Without the read key, .*(?:month|range)/);
      const next = encodeURIComponent(`/numbers/creations${query}`);
      assert.ok(page.text.includes(`href="/sign-in?next=${next}"`));
      const file = await get(`/numbers.csv${query}`);
      assert.equal(JSON.parse(file.text).code, 'wrong_query');
      const signedIn = await get(`/numbers.csv${query}`, { Authorization: 'Bearer r' });
      assert.equal(signedIn.status, 200);
    });
  }

  it('names in a refusal a range that there is', async () => {
    const { get } = await publicCollector([]);
    const { text } = await get('/numbers.json?range=all&from=2026-01-01');
    assert.match(text, /not both/);
    for (const asked of ['from=2026-11-02', 'from=2026-11-01', 'to=2019-12-31']) {
      const refusal = JSON.parse((await get(`/numbers.json?${asked}`)).text).message;
      const [query] = /from=\S+&to=[\d-]+/.exec(refusal) ?? [];
      assert.ok(query, refusal);
      assert.equal((await get(`/numbers.json?${query}`)).status, 200);
    }
    const swapped = await get('/numbers.json?from=2026-10-01&to=2026-08-31');
    assert.match(swapped.text, /must not be after/);
  });

  it('is read from the store once a UTC day, so that no response takes longer after an event', async () => {
    let [now, reads] = [NOW, 0];
    const inner = aStore();
    const store: Store = {
      ...inner,
      async read(work) {
        reads += 1;
        if (reads === 1) throw new StoreUnavailable('away');
        return await inner.read(work);
      },
    };
    const { get } = collector({ readKey: 'r', isPublic: true, now: () => now, store });
    const statuses = async (addresses: readonly string[]) =>
      await Promise.all(addresses.map(async (address) => (await get(address)).status));
    assert.deepEqual(await statuses(['/', '/numbers.json']), [503, 503]);
    assert.equal(reads, 1);
    // What fails is tried again.
    assert.deepEqual(await statuses(['/', '/numbers.json', '/?range=7d']), [200, 200, 400]);
    assert.equal(reads, 2);
    await store.record(aBatch([anEvent()]), { receivedAt: NOW });
    assert.deepEqual(await statuses(ADDRESSES.filter((one) => one.includes('all'))), [
      ...PATHS.map(() => 200),
      ...SOME.flatMap(() => [200, 200]),
    ]);
    assert.equal(reads, 2);
    now += 12 * 3_600_000;
    assert.deepEqual(await statuses(['/', '/numbers.csv']), [200, 200]);
    assert.equal(reads, 3);
    assert.equal((await get('/numbers.csv', { Authorization: 'Bearer r' })).status, 200);
    assert.equal(reads, 4);
  });

  it('has of creations, of totals and of the months before what its months show', async () => {
    const amounts = EVENTS.map((_, nth) => ({ fives: nth % 3, more: 4, days: [3, 4] }));
    const { get } = await publicCollector(MONTHS.flatMap((month) => eventsOf(month, amounts)));
    const of = async (query: string) => JSON.parse((await get(`/numbers.json?${query}`)).text);
    const { total, before, periods, active, share } = await of(`from=2026-09-01&to=${LAST}`);
    const [september, october] = periods;
    for (const name of FIGURE_NAMES) {
      const sum = september[name] === null ? null : september[name] + october[name];
      assert.equal(total[name], name === 'activeClusters' ? null : sum, name);
    }
    assert.deepEqual([before.from, before.to], ['2026-07-01', '2026-08-31']);
    assert.equal(before.uiSessions, 10);
    const parts = KINDS.map((kind) => october[kind]);
    assert.deepEqual([...parts, october.creations], [null, 5, 10, 15]);
    assert.deepEqual([active, share], [[], null]);
    const { range } = await of('range=all');
    assert.deepEqual([range.from, range.to], ['2026-08-01', LAST]);
  });

  const sessions = (counts: readonly number[]) =>
    ['2026-07', ...MONTHS].flatMap((month, at) =>
      Array.from({ length: counts[at] ?? 0 }, (_, nth) => {
        const id = `${month}-${nth}`;
        const sent = { source: 'kusk-dashboard', name: 'session' } as const;
        return anEvent({ messageId: id, subject: id, timestamp: `${id.slice(0, 7)}-09`, ...sent });
      }),
    );
  const changes = [
    {
      title: 'if each month shows them',
      counts: [10, 5, 10, 15],
      change: /\+10 \(\+67%\) from 15/,
    },
    { title: 'unless a month before is not shown', counts: [4, 5, 30, 30] },
    { title: 'unless a month of the range is not shown', counts: [30, 30, 4, 5] },
  ];
  for (const { title, counts, change = /nothing to compare/ } of changes) {
    it(`has sums that are compared ${title}`, async () => {
      const { get } = await publicCollector(sessions(counts));
      const { text } = await get(`/numbers/ui-sessions?from=2026-09-01&to=${LAST}`);
      assert.match(text, change);
    });
  }

  it('has creations that are compared only if each month shows each kind', async () => {
    const of = (kinds: readonly number[]) =>
      EVENTS.map((_, nth) => ({ fives: kinds[nth - 6] ?? 0, more: 4, days: [3] }));
    for (const [kinds, change] of [
      [[1, 1, 1], /\+15 \(\+100%\) from 15/],
      [[1, 1, 0], /nothing to compare/],
    ] as const) {
      const now = eventsOf('2026-10', of(kinds.map((fives) => 2 * fives)));
      const { get } = await publicCollector([...eventsOf('2026-09', of(kinds)), ...now]);
      const { text } = await get(`/numbers/creations?from=2026-10-01&to=${LAST}`);
      assert.match(text, change);
    }
  });

  it('is not compared with fewer months', async () => {
    const events = Array.from({ length: 12 }, (_, nth) => `2020-0${1 + (nth >> 1)}`).flatMap(
      (month, at) =>
        eventsOf(
          month,
          EVENTS.map(() => ({ fives: 1, more: 0, days: [1 + at] })),
        ),
    );
    const { get } = await publicCollector(events);
    const { text } = await get('/numbers/ui-sessions?from=2020-03-01&to=2020-06-30');
    assert.match(text, /nothing to compare/);
  });

  it('has of active clusters the highest month', async () => {
    const events = MONTHS.flatMap((month, i) =>
      Array.from({ length: 7 + 5 * (i % 2) }, (_, nth) => {
        const messageId = `${month}-${nth}`;
        return anEvent({ messageId, subject: `s${nth}`, timestamp: `${month}-09T10:00:00Z` });
      }),
    );
    const { get } = await publicCollector(events);
    const { total } = JSON.parse((await get('/numbers.json')).text);
    assert.equal(total.activeClusters, 10);
  });
});

describe('the published months', () => {
  const ends = [
    ['2026-11-07', '2026-09-30'],
    ['2026-11-08', '2026-10-31'],
    ['2026-12-07', '2026-10-31'],
    ['2026-12-08', '2026-11-30'],
    ['2027-01-07', '2026-11-30'],
    ['2027-01-08', '2026-12-31'],
    ['2028-03-08', '2028-02-29'],
  ] as const;
  for (const [today, last] of ends) {
    it(`end on ${today} with ${last}`, () => assert.equal(lastPublishedDay(today), last));
  }

  it('have figures rounded down to multiples of 5, from 5 on', () => {
    const figures = Array.from({ length: 12 }, (_, i) => publishedFigure(i));
    assert.deepEqual(figures, [null, null, null, null, null, 5, 5, 5, 5, 5, 10, 10]);
  });

  it('have those of /v1/numbers, rounded', async () => {
    const store = aStore();
    const amounts = EVENTS.map((_, nth) => ({ fives: nth % 3, more: nth % 5, days: [3, 4, 28] }));
    const events = MONTHS.flatMap((month) => eventsOf(month, amounts));
    await store.record(aBatch(events), { receivedAt: NOW });
    await store.read((snapshot) => {
      const months = publishedMonths(snapshot, { today: '2026-11-23' });
      assert.equal(months.at(-1)?.to, LAST);
      for (const { figures, ...range } of months) {
        const exact = figuresFrom(computeNumbers(snapshot, range).total);
        const sums: readonly FigureName[] = ['creations'];
        for (const name of FIGURE_NAMES.filter((one) => !sums.includes(one))) {
          assert.equal(figures[name], publishedFigure(exact[name]), `${range.from} ${name}`);
        }
      }
    });
  });
});
