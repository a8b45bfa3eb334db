import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { accept, type Receiver, refuse, startReceiver } from '../../lab/support/receiver.ts';
import { dice } from '../../lab/support/seeded-random.ts';
import type { LedgerConfigMap, LedgerStore } from '../../src/cluster/ledger-configmap.ts';
import { CLUSTER_ID as ID, live } from './life.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-23T12:00:00Z');

function messageId(name: string, subject: string): string {
  return createHmac('sha256', ID).update(`${name}/${subject}`).digest('hex');
}

/** The ledger's ConfigMap, kept from one life of the operator to the next. */
function ledgerInMemory(): LedgerStore {
  let version = 1;
  const empty = { emptied: false, copied: false, changedAt: START / 1000, object: {} };
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

/** The days of the heartbeats that were accepted, by their messageIds. */
function daysTold({ accepted }: Receiver, days: readonly string[]): readonly string[] {
  const byId = new Map(days.map((day) => [messageId('heartbeat', day), day]));
  const beats = accepted.filter(({ properties }) => properties.event === 'heartbeat');
  return beats.map((beat) => byId.get(beat.messageId) ?? 'a day that never was');
}

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

describe('the operator at work', () => {
  it('tells the install and the first heartbeat at once', async () => {
    await using receiver = await startReceiver();
    const clock = fakeTime({ start: START });
    const life = await live({ clock, ledgers: ledgerInMemory(), receiver });
    await life.pass(1_000);
    const told = receiver.accepted.map(({ messageId, timestamp }) => ({ messageId, timestamp }));
    assert.deepEqual(told, [
      { messageId: messageId('install', ''), timestamp: '2026-11-23T12:00:00.000Z' },
      { messageId: messageId('heartbeat', '2026-11-23'), timestamp: '2026-11-23T12:00:00.000Z' },
    ]);
    await life.end();
  });

  it('tells a heartbeat a day over two months, with restarts and a clock that is set', async () => {
    await using receiver = await startReceiver();
    const clock = fakeTime({ start: START });
    const ledgers = ledgerInMemory();
    const roll = dice(7);
    const lived = new Set<string>();
    let life = await live({ clock, ledgers, receiver });
    for (let hours = 0; hours < 60 * 24; hours += 6) {
      lived.add(day(clock.time.now()));
      await life.pass(360 * MINUTE);
      lived.add(day(clock.time.now()));
      if (roll() < 0.1) {
        await life.end();
        await clock.pass(roll() * 2 * DAY);
        life = await live({ clock, ledgers, receiver });
        await life.pass(1_000);
      }
      if (roll() < 0.1) clock.jump((roll() - 0.5) * 12 * 60 * MINUTE);
    }
    // What was lived and not yet told is told when it is back on another day.
    await life.end();
    await clock.pass(3 * DAY);
    life = await live({ clock, ledgers, receiver });
    await life.pass(DAY);
    for (let back = 0; back < 2; back += 1) lived.add(day(clock.time.now() - back * DAY));
    await life.end();

    const all = Array.from({ length: 200 }, (_, index) => day(START - 10 * DAY + index * DAY));
    const told = daysTold(receiver, all);
    assert.deepEqual([...new Set(told)], told, 'none twice');
    assert.deepEqual(
      [...lived].filter((one) => !told.includes(one)),
      [],
      'none missing',
    );
    const installs = receiver.accepted.filter(({ properties }) => properties.event === 'install');
    assert.equal(installs.length, 1);
  });

  it('keeps a week of heartbeats for a receiver that is away, and says so in two lines', async () => {
    await using receiver = await startReceiver();
    receiver.behave(refuse(503));
    const clock = fakeTime({ start: START });
    const life = await live({ clock, ledgers: ledgerInMemory(), receiver });
    await eventually(async () => {
      await clock.pass(250);
      assert.equal(life.lines.length, 1);
    });
    for (let hour = 0; hour < 7 * 24; hour += 1) await clock.pass(60 * MINUTE);
    assert.equal(life.health.pending(), 1 + 8);
    receiver.behave(accept);
    await life.pass(61_000);
    const week = Array.from({ length: 8 }, (_, index) => day(START + index * DAY));
    assert.deepEqual(daysTold(receiver, week), week);
    assert.deepEqual(
      life.lines.filter((line) => line !== 'sent'),
      [
        'the endpoint is unavailable: events are kept and sent later',
        'the endpoint is available again: pending events are sent',
      ],
    );
    await life.end();
  });

  it('tells each day at its time though the clock was days ahead for a moment', async () => {
    await using receiver = await startReceiver();
    const clock = fakeTime({ start: START });
    const life = await live({ clock, ledgers: ledgerInMemory(), receiver });
    await life.pass(HOUR);
    clock.jump(3 * DAY);
    await life.pass(10 * MINUTE);
    clock.jump(-3 * DAY);
    await life.pass(HOUR);
    assert.deepEqual(daysTold(receiver, [day(START), day(START + 3 * DAY)]), [day(START)]);
    await life.pass(4 * DAY);
    const days = Array.from({ length: 5 }, (_, index) => day(START + index * DAY));
    const told = daysTold(receiver, days);
    assert.deepEqual([...new Set(told)], told, 'none twice');
    assert.deepEqual(told.slice(0, 4), days.slice(0, 4));
    await life.end();
  });

  it('leaves nothing behind', async () => {
    await using receiver = await startReceiver();
    const clock = fakeTime({ start: START });
    const life = await live({ clock, ledgers: ledgerInMemory(), receiver });
    await life.pass(1_000);
    await life.end();
    // But for the deadlines of what was asked last.
    await clock.pass(5_000);
    assert.equal(clock.waiting(), 0);
    assert.equal(life.health.kinds.size, 0);
  });
});
