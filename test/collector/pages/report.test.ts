import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addDays } from '../../../src/collector/day.ts';
import { computeNumbers } from '../../../src/collector/numbers/numbers.ts';
import { csvDocument, jsonDocument } from '../../../src/collector/pages/documents.ts';
import { FIGURE_NAMES, type Figures, figuresFrom } from '../../../src/collector/pages/figures.ts';
import { computeReport, type Report } from '../../../src/collector/pages/report.ts';
import { MAX_PERIODS, parseView } from '../../../src/collector/pages/view.ts';
import type { DayRange } from '../../../src/collector/store/snapshot.ts';
import { CATALOGUE, type TelemetryEvent } from '../../../src/event.ts';
import { aBatch, anEvent, aStore } from '../setup.ts';

const TODAY = '2026-11-26';
const FIRST = '2026-09-20';
const RECEIVED_AT = Date.parse(`${TODAY}T23:00:00Z`);
const ALL = { names: FIGURE_NAMES };

const event = fc
  .record({
    entry: fc.constantFrom(...CATALOGUE),
    isHeartbeat: fc.boolean(),
    id: fc.nat(200),
    subject: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
    day: fc.nat(67).map((days) => addDays(FIRST, { days })),
  })
  .map(({ entry, isHeartbeat, id, subject, day }) =>
    anEvent({
      messageId: `m-${id}`,
      subject,
      source: isHeartbeat ? 'kusk-gateway' : entry.source,
      name: isHeartbeat ? 'heartbeat' : entry.name,
      timestamp: `${day}T10:00:00.000Z`,
    }),
  );

const someEvents = fc.array(event, { maxLength: 80 });

const query = fc.oneof(
  fc.constantFrom(
    '',
    'range=7d',
    'range=90d&by=week',
    'range=all',
    'range=all&by=month',
    'range=year',
  ),
  fc.tuple(fc.nat(67), fc.nat(67), fc.constantFrom('day', 'week', 'month')).map(([a, b, by]) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)].map((days) => addDays(FIRST, { days }));
    return `from=${from}&to=${to}&by=${by}`;
  }),
);

/** Counts the clusters that were active within some days, event by event. */
function activeIn(events: readonly TelemetryEvent[], { from, to }: { from: string; to: string }) {
  const once = new Map(events.toReversed().map((one) => [one.messageId, one]));
  const active = [...once.values()].filter(({ properties, timestamp }) => {
    const day = timestamp.slice(0, 10);
    return properties.event === 'heartbeat' && day >= from && day <= to;
  });
  return new Set(active.map(({ userId }) => userId)).size;
}

async function reportOf(events: readonly TelemetryEvent[], text: string) {
  const store = aStore();
  await store.record(aBatch(events), { receivedAt: RECEIVED_AT });
  const parameters = Object.fromEntries(new URLSearchParams(text));
  return await store.read((snapshot) => {
    const view = parseView(parameters, {
      today: TODAY,
      span: snapshot.span(),
      maxPeriods: MAX_PERIODS.page,
    });
    return { snapshot, view, report: computeReport(snapshot, { view }) };
  });
}

/** Checks every figure of a report against `/v1/numbers` of the same days, and clusters one by one. */
async function assertExact(events: readonly TelemetryEvent[], text: string): Promise<void> {
  const { snapshot, view, report } = await reportOf(events, text);
  const numbersOf = (range?: DayRange) => figuresFrom(computeNumbers(snapshot, range).total);
  assert.deepEqual(report.total, numbersOf(view));
  if (view.name === 'all') assert.deepEqual(report.total, numbersOf());
  for (const { figures, ...range } of Object.values(report.comparison ?? {})) {
    assert.deepEqual(figures, numbersOf(range));
  }
  const usages = [...(report.commands?.values() ?? [])];
  assert.equal(
    usages.reduce((sum, one) => sum + one, 0),
    report.total.cliUsages,
  );
  for (const period of report.periods) assert.deepEqual(period.figures, numbersOf(period));

  const counted = [
    { ...view, clusters: report.total.activeClusters },
    ...report.periods.map((one) => ({ ...one, clusters: one.figures.activeClusters })),
    ...report.active,
  ];
  for (const { clusters, ...range } of counted) assert.equal(clusters, activeIn(events, range));
}

/** Returns the figures of the JSON, in the order of the CSV's lines, as the CSV writes them. */
function figuresOfJson(report: Report): readonly (readonly string[])[] {
  const { total, compared, before, periods, commands, active = [] } = jsonDocument(report, ALL);
  const usages = Object.values(commands ?? {}).map((cliUsages) => ({ cliUsages }));
  const windows = active.map(({ clusters }) => ({ activeClusters: clusters }));
  const all: readonly Partial<Figures>[] = [
    total,
    compared ?? [],
    before ?? [],
    ...periods,
    ...usages,
    ...windows,
  ].flat();
  return all.map((figures) => FIGURE_NAMES.map((name) => String(figures[name] ?? '')));
}

describe('the report of a view', () => {
  it('has the figures of /v1/numbers, and clusters that a naive count has, for any events', async () => {
    await fc.assert(fc.asyncProperty(someEvents, query, assertExact), {
      numRuns: 150,
      seed: 20_261_126,
    });
  });

  it('is the same in JSON and in CSV, for any events', async () => {
    await fc.assert(
      fc.asyncProperty(someEvents, query, async (events, text) => {
        const { report } = await reportOf(events, text);
        const [header, ...lines] = csvDocument(report, ALL).trimEnd().split('\r\n');
        assert.equal(header, ['row', 'from', 'to', 'complete', ...FIGURE_NAMES].join());
        assert.deepEqual(
          lines.map((line) => line.split(',').slice(4)),
          figuresOfJson(report),
        );
      }),
      { numRuns: 100, seed: 20_261_126 },
    );
  });

  it('has no change if nothing has changed, whatever the hour', async () => {
    const days = Array.from({ length: 68 }, (_, i) => addDays(FIRST, { days: i }));
    const isWorkday = (day: string) => ![0, 6].includes(new Date(day).getUTCDay());
    const heartbeats = days
      .flatMap((day) => [0, 6, 12, 18].map((hour) => ({ day, hour, name: 'heartbeat' as const })))
      // Today is at 05:00.
      .filter(({ day, hour }) => day < TODAY || hour < 5);
    const creations = days
      .filter((day) => day < TODAY && isWorkday(day))
      .map((day) => ({ day, hour: 9, name: 'api-created' as const }));
    const events = [...heartbeats, ...creations].map(({ day, hour, name }) =>
      anEvent({
        messageId: `${day}-${hour}-${name}`,
        subject: `${hour}`,
        name,
        timestamp: new Date(Date.parse(day) + hour * 3_600_000).toISOString(),
      }),
    );
    for (const text of ['range=7d', '']) {
      const { comparison, active } = (await reportOf(events, text)).report;
      assert.deepEqual(comparison?.compared.figures, comparison?.before.figures);
      assert.ok((comparison?.before.figures.API ?? 0) > 0);
      assert.deepEqual(
        active.map(({ to, clusters }) => [to, clusters]),
        [1, 4, 4].map((clusters) => [TODAY, clusters]),
      );
    }
  });

  it('is compared only with days that are later than that of the first event', async () => {
    const comparisonFrom = async (day: string) =>
      (await reportOf([anEvent({ timestamp: `${day}T10:00:00Z` })], 'range=7d')).report.comparison;
    assert.equal(await comparisonFrom('2026-11-20'), undefined);
    assert.equal(await comparisonFrom('2026-11-13'), undefined);
    assert.equal((await comparisonFrom('2026-11-12'))?.before.from, '2026-11-13');
    assert.equal((await reportOf([], '')).report.comparison, undefined);
  });

  it('has the share of the clusters of 28 days that were active in the last 7', async () => {
    const days = ['2026-11-01', '2026-11-02', '2026-11-25', '2026-10-01'];
    const events = days.map((day, i) =>
      anEvent({ messageId: `m${i}`, subject: `s${i}`, timestamp: `${day}T10:00:00Z` }),
    );
    const { active, share } = (await reportOf(events, '')).report;
    assert.deepEqual(
      active.map(({ clusters }) => clusters),
      [0, 1, 3],
    );
    assert.equal(share, 1 / 3);
    assert.equal((await reportOf([], '')).report.share, undefined);
  });
});
