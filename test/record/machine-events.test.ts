import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CLI_COMMANDS, utcDay } from '../../src/event.ts';
import { messageId } from '../../src/record/events.ts';
import {
  dueEvents,
  expiredRecords,
  isHexId,
  type MachineEvent,
  machineEvent,
  parseMachineEvent,
  SENT_KEPT,
  SENT_KEPT_MS,
} from '../../src/record/machine-events.ts';

const MACHINE = 'ab'.repeat(32);
const AT = Date.parse('2026-11-23T23:59:59Z') / 1000;
const DAY_S = 86_400;

describe('machineEvent', () => {
  it('has one messageId for the install, whenever it is created', () => {
    const ids = [0, AT, 2 * AT].map((at) =>
      machineEvent({ machineId: MACHINE, name: 'install', at }),
    );
    assert.deepEqual(
      new Set(ids.map((event) => event.messageId)),
      new Set([messageId(MACHINE, { name: 'install', subject: '' })]),
    );
  });

  it('has one messageId for each command and UTC day', () => {
    const commands = CLI_COMMANDS.flatMap((name) =>
      [AT, AT + 1, AT + DAY_S].map((at) => machineEvent({ machineId: MACHINE, name, at })),
    );
    assert.equal(new Set(commands.map((event) => event.messageId)).size, 2 * CLI_COMMANDS.length);
    assert.equal(
      commands[0]?.messageId,
      messageId(MACHINE, { name: CLI_COMMANDS[0], subject: '2026-11-23' }),
    );
  });
});

describe('dueEvents', () => {
  const names = (events: readonly MachineEvent[]) =>
    events.map(({ properties }) => properties.event);
  const options = { machineId: MACHINE, command: 'dashboard', at: AT } as const;
  const [install, dashboard] = dueEvents(options, { anySent: false, has: () => false });

  it('are the install and the command on a new machine, in this order', () => {
    assert.deepEqual(
      [install?.properties.event, dashboard?.properties.event],
      ['install', 'dashboard'],
    );
  });

  const cases = [
    { title: 'the command alone if the install is pending', anySent: false, known: [install] },
    { title: 'the command alone if anything was sent', anySent: true, known: [] },
    { title: 'nothing if the command is known too', anySent: false, known: [install, dashboard] },
  ];
  for (const { title, anySent, known } of cases) {
    it(`are ${title}`, () => {
      const has = (id: string) => known.some((event) => event?.messageId === id);
      const expected = known.includes(dashboard) ? [] : ['dashboard'];
      assert.deepEqual(names(dueEvents(options, { anySent, has })), expected);
    });
  }
});

describe('parseMachineEvent', () => {
  const event = machineEvent({ machineId: MACHINE, name: 'dashboard', at: AT });
  const under = { machineId: MACHINE, messageId: event.messageId };

  it('reads what was written', () => {
    assert.deepEqual(parseMachineEvent(JSON.stringify(event), under), event);
  });

  const refused: readonly { readonly title: string; readonly text: string }[] = [
    { title: 'an empty file', text: '' },
    { title: 'half a file', text: JSON.stringify(event).slice(0, 100) },
    { title: 'null', text: 'null' },
    { title: 'a list', text: '[]' },
    { title: 'no properties', text: JSON.stringify({ ...event, properties: null }) },
    {
      title: 'another command',
      text: JSON.stringify({ ...event, properties: { event: 'cluster install' } }),
    },
    {
      title: 'an unknown command',
      text: JSON.stringify({ ...event, properties: { event: 'rm -rf' } }),
    },
    {
      title: 'an opt-out',
      text: JSON.stringify({ ...event, properties: { event: 'analytics-disabled' } }),
    },
    {
      title: 'another day',
      text: JSON.stringify({ ...event, timestamp: '2026-11-24T00:00:00.000Z' }),
    },
    {
      title: 'another spelling of the time',
      text: JSON.stringify({ ...event, timestamp: '2026-11-23T23:59:59Z' }),
    },
    {
      title: 'a time with a time zone',
      text: JSON.stringify({ ...event, timestamp: '2026-11-24T00:59:59+01:00' }),
    },
    {
      title: 'parts of a second',
      text: JSON.stringify({ ...event, timestamp: '2026-11-23T23:59:59.500Z' }),
    },
    { title: 'no time', text: JSON.stringify({ ...event, timestamp: 5 }) },
  ];
  for (const { title, text } of refused) {
    it(`refuses ${title}`, () => assert.equal(parseMachineEvent(text, under), undefined));
  }

  it('refuses an event of another machine and one under another name', () => {
    const text = JSON.stringify(event);
    const other = 'cd'.repeat(32);
    assert.equal(parseMachineEvent(text, { ...under, machineId: other }), undefined);
    assert.equal(parseMachineEvent(text, { ...under, messageId: other }), undefined);
  });

  it('returns nothing that the file adds', () => {
    const text = JSON.stringify({
      ...event,
      anonymousId: 'me',
      userId: 'me',
      host: 'mine',
      properties: { ...event.properties, args: '--token' },
    });
    assert.deepEqual(parseMachineEvent(text, under), event);
  });
});

describe('expiredRecords', () => {
  const now = AT * 1000;
  const record = (days: number) => ({ messageId: `${days}`, at: now - days * DAY_S * 1000 });

  it('keeps the newest 20, however old they are', () => {
    const records = Array.from({ length: SENT_KEPT }, (_, index) => record(1_000 + index));
    assert.deepEqual(expiredRecords(records, now), []);
    assert.deepEqual(expiredRecords([record(2_000), ...records], now), [record(2_000)]);
  });

  it('keeps those of the last 16 days and those of the future, however many they are', () => {
    const records = Array.from({ length: 100 }, (_, index) => record(index % 2 === 0 ? 16 : -9));
    assert.deepEqual(expiredRecords(records, now), []);
  });

  it('never drops a record that a clock set back by less than 16 days meets again', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100, max: 100 }), { maxLength: 60 }), (days) => {
        const dropped = expiredRecords(days.map(record), now);
        assert.ok(dropped.every(({ at }) => at < now - SENT_KEPT_MS));
        assert.ok(days.length - dropped.length >= Math.min(days.length, SENT_KEPT));
      }),
    );
  });
});

describe('isHexId', () => {
  it('accepts 64 lower-case hex digits alone', () => {
    for (const bad of ['', 'a'.repeat(63), 'A'.repeat(64), `${'a'.repeat(64)}\n`, 'g'.repeat(64)]) {
      assert.equal(isHexId(bad), false);
    }
    assert.equal(isHexId(MACHINE), true);
    assert.equal(utcDay(AT * 1000), '2026-11-23');
  });
});
