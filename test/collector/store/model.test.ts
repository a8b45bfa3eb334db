import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { computeNumbers } from '../../../src/collector/numbers/numbers.ts';
import type { Recorded } from '../../../src/collector/store/store.ts';
import { CATALOGUE, CREATED, KINDS, type TelemetryEvent } from '../../../src/event.ts';
import { aBatch, anEvent, aStore, NOW } from '../setup.ts';

const DAYS = ['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23'];

const event = fc
  .record({
    entry: fc.constantFrom(...CATALOGUE),
    id: fc.nat(60),
    subject: fc.constantFrom('a', 'b', 'c'),
    day: fc.constantFrom(...DAYS),
    hour: fc.integer({ min: 10, max: 23 }),
  })
  .map(({ entry, id, subject, day, hour }) =>
    anEvent({
      messageId: `m-${id}`,
      subject,
      source: entry.source,
      name: entry.name,
      timestamp: `${day}T${hour}:00:00.000Z`,
    }),
  );

/** Computes the numbers from all events, by the rules of the design's table. */
function modelled(received: readonly TelemetryEvent[], { from, to }: { from: string; to: string }) {
  const once = new Map<string, TelemetryEvent>();
  for (const one of received) if (!once.has(one.messageId)) once.set(one.messageId, one);
  const all = [...once.values()];
  const inRange = all.filter((one) => from <= dayOf(one) && dayOf(one) <= to);
  const days = DAYS.filter((day) => inRange.some((one) => dayOf(one) === day));
  const of = (source: string, name: string, events = inRange) =>
    events.filter((one) => one.event === source && one.properties.event === name);

  function installs(source: string, [first, last]: readonly [string, string]): number {
    const subjects = Object.groupBy(of(source, 'install', all), ({ userId }) => userId);
    const firsts = Object.values(subjects).map((events = []) => events.map(dayOf).sort()[0] ?? '');
    return firsts.filter((day) => first <= day && day <= last).length;
  }

  function numbers(first: string, last: string) {
    const within = inRange.filter((one) => first <= dayOf(one) && dayOf(one) <= last);
    const isUsage = ({ event: source, properties }: TelemetryEvent) =>
      CATALOGUE.find((e) => e.source === source && e.name === properties.event)?.number === 2;
    const usages = within.filter(isUsage);
    return {
      cliInstallations: installs('kusk-cli', [first, last]),
      cliUsages: distinct(usages, (one) => `${one.userId} ${one.properties.event} ${dayOf(one)}`),
      clusterInstallations: installs('kusk-gateway', [first, last]),
      activeClusters: distinct(of('kusk-gateway', 'heartbeat', within), ({ userId }) => userId),
      disabled: within.filter(({ properties }) => properties.event === 'analytics-disabled').length,
      uiSessions: of('kusk-dashboard', 'session', within).length,
      creations: Object.fromEntries(
        KINDS.map((kind) => [kind, of('kusk-gateway', CREATED[kind], within).length]),
      ),
    };
  }

  return {
    accepted: all.length,
    total: numbers(from, to),
    days: days.map((day) => ({ day, ...numbers(day, day) })),
  };
}

function dayOf({ timestamp }: TelemetryEvent): string {
  return timestamp.slice(0, 10);
}

function distinct(events: readonly TelemetryEvent[], key: (one: TelemetryEvent) => string): number {
  return new Set(events.map(key)).size;
}

function spanOf(days: readonly { readonly day: string }[]) {
  const sorted = days.map(({ day }) => day).sort();
  const [from, to] = [sorted.at(0), sorted.at(-1)];
  return from === undefined || to === undefined ? undefined : { from, to };
}

describe('the store', () => {
  it('has the numbers of a naive model for any events in any order', async () => {
    const batches = fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 8 });
    const range = fc.tuple(fc.constantFrom(...DAYS), fc.constantFrom(...DAYS));
    await fc.assert(
      fc.asyncProperty(batches, range, async (received, [one, other]) => {
        const store = aStore();
        const recorded: Recorded[] = [];
        for (const b of received) {
          recorded.push(await store.record(aBatch(b), { receivedAt: NOW }));
        }
        const sent = received.flat();
        const { accepted, ...numbers } = modelled(sent, { from: '2026-11-20', to: '2026-11-23' });
        assert.deepEqual(await store.read(computeNumbers), numbers);
        assert.deepEqual(await store.read((snapshot) => snapshot.span()), spanOf(numbers.days));
        assert.equal(
          recorded.reduce((sum, r) => sum + r.accepted, 0),
          accepted,
        );
        assert.equal(
          recorded.reduce((sum, r) => sum + r.accepted + r.duplicates, 0),
          sent.length,
        );
        const [from, to] = one < other ? [one, other] : [other, one];
        const { accepted: _, ...ranged } = modelled(sent, { from, to });
        assert.deepEqual(
          await store.read((snapshot) => computeNumbers(snapshot, { from, to })),
          ranged,
        );
        await store.close();
      }),
      { numRuns: 300, seed: 20_261_123 },
    );
  });
});
