import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeNumbers } from '../../../src/collector/numbers/numbers.ts';
import { aBatch, anEvent, aStore, type EventOptions, NOW } from '../setup.ts';

type Short = Omit<EventOptions, 'messageId' | 'timestamp'> & { readonly day?: string };

/** Stores these events, each with its own messageId, and returns the numbers. */
async function setup(shorts: readonly Short[]) {
  const store = aStore();
  const events = shorts.map(({ day = '2026-11-20', ...short }, i) =>
    anEvent({ ...short, messageId: `m-${i}`, timestamp: `${day}T10:00:00Z` }),
  );
  await store.record(aBatch(events), { receivedAt: NOW });
  const { total, days } = await store.read(computeNumbers);
  return {
    total: pick(total),
    days: days.map(({ day, ...numbers }) => ({ day, ...pick(numbers) })),
    store,
  };
}

/** Leaves out the numbers that are zero, to keep the cases short. */
function pick({ creations, ...numbers }: ReturnType<typeof computeNumbers>['total']) {
  const all = Object.entries({ ...numbers, ...creations });
  return Object.fromEntries(all.filter(([, count]) => count !== 0));
}

describe('the seven numbers', () => {
  const cli = { source: 'kusk-cli' } as const;
  const cases: { title: string; events: Short[]; total: object; days: object[] }[] = [
    {
      title: '1: a machine counts as one CLI installation, on its earliest day',
      events: [
        { ...cli, name: 'install', day: '2026-11-21' },
        { ...cli, name: 'install', day: '2026-11-20' },
        { ...cli, name: 'install', day: '2026-11-21', subject: 'b' },
      ],
      total: { cliInstallations: 2 },
      days: [
        { day: '2026-11-20', cliInstallations: 1 },
        { day: '2026-11-21', cliInstallations: 1 },
      ],
    },
    {
      title: '2: a machine, command and UTC day count as one usage',
      events: [
        { ...cli, name: 'dashboard' },
        { ...cli, name: 'dashboard' },
        { ...cli, name: 'cluster install' },
        { ...cli, name: 'dashboard', subject: 'b' },
        { ...cli, name: 'dashboard', day: '2026-11-21' },
      ],
      total: { cliUsages: 4 },
      days: [
        { day: '2026-11-20', cliUsages: 3 },
        { day: '2026-11-21', cliUsages: 1 },
      ],
    },
    {
      title: '3: a cluster counts as one installation, apart from the machine',
      events: [{ name: 'install' }, { name: 'install' }, { ...cli, name: 'install' }],
      total: { cliInstallations: 1, clusterInstallations: 1 },
      days: [{ day: '2026-11-20', cliInstallations: 1, clusterInstallations: 1 }],
    },
    {
      title: '4: a cluster counts as active once per UTC day, and once in the total',
      events: [{}, {}, { day: '2026-11-21' }, { subject: 'b', day: '2026-11-21' }],
      total: { activeClusters: 2 },
      days: [
        { day: '2026-11-20', activeClusters: 1 },
        { day: '2026-11-21', activeClusters: 2 },
      ],
    },
    {
      title: '5: every message of disabled telemetry counts, from operator and CLI',
      events: [{ name: 'analytics-disabled' }, { ...cli, name: 'analytics-disabled' }],
      total: { disabled: 2 },
      days: [{ day: '2026-11-20', disabled: 2 }],
    },
    {
      title: '6: every session message counts',
      events: [1, 2].map(() => ({ source: 'kusk-dashboard', name: 'session' })),
      total: { uiSessions: 2 },
      days: [{ day: '2026-11-20', uiSessions: 2 }],
    },
    {
      title: '7: every creation message counts, by kind',
      events: [
        { name: 'api-created' },
        { name: 'api-created' },
        { name: 'static-route-created' },
        { name: 'envoy-fleet-created' },
      ],
      total: { API: 2, StaticRoute: 1, EnvoyFleet: 1 },
      days: [{ day: '2026-11-20', API: 2, StaticRoute: 1, EnvoyFleet: 1 }],
    },
  ];
  for (const { title, events, total, days } of cases) {
    it(title, async () => {
      const actual = await setup(events);
      assert.deepEqual(actual.total, total);
      assert.deepEqual(actual.days, days);
    });
  }

  it('of a range count a cluster that was active before it', async () => {
    const { store } = await setup([{}, { day: '2026-11-21' }, { day: '2026-11-22' }]);
    const { total, days } = await store.read((snapshot) =>
      computeNumbers(snapshot, { from: '2026-11-21' }),
    );
    assert.equal(total.activeClusters, 1);
    assert.deepEqual(
      days.map(({ day }) => day),
      ['2026-11-21', '2026-11-22'],
    );
  });

  const clocks = [
    { title: 'a clock before 2020', timestamp: '2019-12-31T23:59:59.999Z', day: '2026-11-23' },
    { title: 'the start of 2020', timestamp: '2020-01-01T00:00:00Z', day: '2020-01-01' },
    { title: '24 hours ahead', timestamp: '2026-11-24T12:00:00Z', day: '2026-11-24' },
    { title: 'more than 24 hours ahead', timestamp: '2026-11-24T12:00:00.001Z', day: '2026-11-23' },
  ];
  for (const { title, timestamp, day } of clocks) {
    it(`count an event with ${title} for ${day}`, async () => {
      const store = aStore();
      await store.record(aBatch([anEvent({ timestamp })]), { receivedAt: NOW });
      assert.deepEqual(
        (await store.read(computeNumbers)).days.map((one) => one.day),
        [day],
      );
    });
  }
});
