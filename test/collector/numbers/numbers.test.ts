import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeNumbers } from '../../../src/collector/numbers/numbers.ts';
import { openStore } from '../../../src/collector/store/store.ts';
import { aBatch, anEvent, type EventOptions, NOW } from '../setup.ts';

type Short = Omit<EventOptions, 'messageId' | 'timestamp'> & { readonly day?: string };

/** The numbers after these events, each under a messageId of its own. */
function setup(shorts: readonly Short[]) {
  const store = openStore(':memory:');
  const events = shorts.map(({ day = '2026-11-20', ...short }, i) =>
    anEvent({ ...short, messageId: `m-${i}`, timestamp: `${day}T10:00:00Z` }),
  );
  store.record(aBatch(events), { receivedAt: NOW });
  const { total, days } = computeNumbers(store);
  return {
    total: pick(total),
    days: days.map(({ day, ...numbers }) => ({ day, ...pick(numbers) })),
    store,
  };
}

/** Leaves out what is zero, so that a case shows what it is about. */
function pick({ creations, ...numbers }: ReturnType<typeof computeNumbers>['total']) {
  const all = Object.entries({ ...numbers, ...creations });
  return Object.fromEntries(all.filter(([, count]) => count !== 0));
}

describe('the seven numbers', () => {
  const cli = { source: 'kusk-cli' } as const;
  const cases: { title: string; events: Short[]; total: object; days: object[] }[] = [
    {
      title: '1: a machine is one CLI installation, on its earliest day',
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
      title: '2: a machine, command and UTC day is one usage',
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
      title: '3: a cluster is one installation, whatever the machine does',
      events: [{ name: 'install' }, { name: 'install' }, { ...cli, name: 'install' }],
      total: { cliInstallations: 1, clusterInstallations: 1 },
      days: [{ day: '2026-11-20', cliInstallations: 1, clusterInstallations: 1 }],
    },
    {
      title: '4: a cluster is active once a UTC day, and once in all',
      events: [{}, {}, { day: '2026-11-21' }, { subject: 'b', day: '2026-11-21' }],
      total: { activeClusters: 2 },
      days: [
        { day: '2026-11-20', activeClusters: 1 },
        { day: '2026-11-21', activeClusters: 2 },
      ],
    },
    {
      title: '5: every message that telemetry was disabled counts, of operator and CLI',
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
    it(title, () => {
      const told = setup(events);
      assert.deepEqual(told.total, total);
      assert.deepEqual(told.days, days);
    });
  }

  it('of some days count a cluster that was active before them', () => {
    const { store } = setup([{}, { day: '2026-11-21' }, { day: '2026-11-22' }]);
    const { total, days } = computeNumbers(store, { from: '2026-11-21' });
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
    it(`count for ${day} what comes with ${title}`, () => {
      const store = openStore(':memory:');
      store.record(aBatch([anEvent({ timestamp })]), { receivedAt: NOW });
      assert.deepEqual(
        computeNumbers(store).days.map((told) => told.day),
        [day],
      );
    });
  }
});
