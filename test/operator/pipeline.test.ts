import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { accept, type Endpoint, refuse, startEndpoint } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { dice } from '../../lab/support/seeded-random.ts';
import type { LedgerConfigMap, LedgerStore } from '../../src/cluster/ledger-configmap.ts';
import { CLUSTER_ID as ID, startLeader } from './running-leader.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-23T12:00:00Z');

function messageId(name: string, subject: string): string {
  return createHmac('sha256', ID).update(`${name}/${subject}`).digest('hex');
}

/** The ledger's ConfigMap in memory, kept across restarts of the operator. */
function ledgerInMemory(): LedgerStore {
  let version = 1;
  const marks = { emptied: false, copied: false, renderedOff: false };
  const empty = { ...marks, changedAt: START / 1000, object: {} };
  let map: LedgerConfigMap = { ...empty, text: undefined, resourceVersion: '1' };
  return {
    read: async () => map,
    create: async () => map,
    async write(text) {
      version += 1;
      map = { ...map, text, resourceVersion: String(version) };
      return map;
    },
  };
}

/** Returns the days of the accepted heartbeats, by their messageIds. */
function acceptedDays({ accepted }: Endpoint, days: readonly string[]): readonly string[] {
  const byId = new Map(days.map((day) => [messageId('heartbeat', day), day]));
  const beats = accepted.filter(({ properties }) => properties.event === 'heartbeat');
  return beats.map((beat) => byId.get(beat.messageId) ?? 'a day that never was');
}

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

describe('runPipeline', () => {
  it('sends the install event and the first heartbeat immediately', async () => {
    await using endpoint = await startEndpoint();
    const clock = fakeTime({ start: START });
    const leader = await startLeader({ clock, ledgers: ledgerInMemory(), endpoint });
    await leader.pass(1_000);
    const accepted = endpoint.accepted.map(({ messageId, timestamp }) => ({
      messageId,
      timestamp,
    }));
    assert.deepEqual(accepted, [
      { messageId: messageId('install', ''), timestamp: '2026-11-23T12:00:00.000Z' },
      { messageId: messageId('heartbeat', '2026-11-23'), timestamp: '2026-11-23T12:00:00.000Z' },
    ]);
    await leader.end();
  });

  it('sends one heartbeat a day over two months, with restarts and clock changes', async () => {
    await using endpoint = await startEndpoint();
    const clock = fakeTime({ start: START });
    const ledgers = ledgerInMemory();
    const random = dice(7);
    const expected = new Set<string>();
    let leader = await startLeader({ clock, ledgers, endpoint });
    for (let hours = 0; hours < 60 * 24; hours += 6) {
      expected.add(day(clock.time.now()));
      await leader.pass(360 * MINUTE);
      expected.add(day(clock.time.now()));
      if (random() < 0.1) {
        await leader.end();
        await clock.pass(random() * 2 * DAY);
        leader = await startLeader({ clock, ledgers, endpoint });
        await leader.pass(1_000);
      }
      if (random() < 0.1) clock.jump((random() - 0.5) * 12 * 60 * MINUTE);
    }
    // An outstanding day is sent when the operator is back on another day.
    await leader.end();
    await clock.pass(3 * DAY);
    leader = await startLeader({ clock, ledgers, endpoint });
    await leader.pass(DAY);
    for (let back = 0; back < 2; back += 1) expected.add(day(clock.time.now() - back * DAY));
    await leader.end();

    const all = Array.from({ length: 200 }, (_, index) => day(START - 10 * DAY + index * DAY));
    const accepted = acceptedDays(endpoint, all);
    assert.deepEqual([...new Set(accepted)], accepted, 'none twice');
    assert.deepEqual(
      [...expected].filter((one) => !accepted.includes(one)),
      [],
      'none missing',
    );
    const installs = endpoint.accepted.filter(({ properties }) => properties.event === 'install');
    assert.equal(installs.length, 1);
  });

  it('keeps a week of heartbeats for an unavailable endpoint, with two lines', async () => {
    await using endpoint = await startEndpoint();
    endpoint.behave(refuse(503));
    const clock = fakeTime({ start: START });
    const leader = await startLeader({ clock, ledgers: ledgerInMemory(), endpoint });
    await eventually(async () => {
      await clock.pass(250);
      assert.equal(leader.lines.length, 1);
    });
    for (let hour = 0; hour < 7 * 24; hour += 1) await clock.pass(60 * MINUTE);
    assert.equal(leader.health.pending(), 1 + 8);
    endpoint.behave(accept);
    await leader.pass(61_000);
    const week = Array.from({ length: 8 }, (_, index) => day(START + index * DAY));
    assert.deepEqual(acceptedDays(endpoint, week), week);
    assert.deepEqual(
      leader.lines.filter((line) => line !== 'sent'),
      [
        'the endpoint is unavailable: events are kept and sent later',
        'the endpoint is available again: pending events are sent',
      ],
    );
    await leader.end();
  });

  it('sends each day at its time even if the clock was days ahead for a moment', async () => {
    await using endpoint = await startEndpoint();
    const clock = fakeTime({ start: START });
    const leader = await startLeader({ clock, ledgers: ledgerInMemory(), endpoint });
    await leader.pass(HOUR);
    clock.jump(3 * DAY);
    await leader.pass(10 * MINUTE);
    clock.jump(-3 * DAY);
    await leader.pass(HOUR);
    assert.deepEqual(acceptedDays(endpoint, [day(START), day(START + 3 * DAY)]), [day(START)]);
    await leader.pass(4 * DAY);
    const days = Array.from({ length: 5 }, (_, index) => day(START + index * DAY));
    const accepted = acceptedDays(endpoint, days);
    assert.deepEqual([...new Set(accepted)], accepted, 'none twice');
    assert.deepEqual(accepted.slice(0, 4), days.slice(0, 4));
    await leader.end();
  });

  it('leaves no timer', async () => {
    await using endpoint = await startEndpoint();
    const clock = fakeTime({ start: START });
    const leader = await startLeader({ clock, ledgers: ledgerInMemory(), endpoint });
    await leader.pass(1_000);
    await leader.end();
    // Except the deadlines of the last requests.
    await clock.pass(5_000);
    assert.equal(clock.waiting(), 0);
    assert.equal(leader.health.kinds.size, 0);
  });
});
