import assert from 'node:assert/strict';
import { statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  acknowledge,
  emptySpool,
  enqueue,
  pendingEvents,
  prune,
  SPOOL_LIMIT,
  sentEvents,
  takePending,
} from '../../../src/cli/machine/spool.ts';
import { machineEvent } from '../../../src/record/machine-events.ts';
import { COMMAND, DAY_MS, ID, idOf, NOON, newMachine, sorted } from './machine.ts';

function setup(t: TestContext) {
  const { machine, clock, ...rest } = newMachine(t);
  const run = (command = COMMAND) => enqueue(machine, { command, at: clock.ms / 1000 });
  /** Writes a record of the command as it ran on a day. */
  const writeSent = (ms: number) => {
    const event = machineEvent({ machineId: ID, name: COMMAND, at: ms / 1000 });
    rest.write(`sent/${event.messageId}.json`, JSON.stringify(event));
  };
  const send = () => {
    for (const { messageId } of takePending(machine, { nowMs: clock.ms })) {
      acknowledge(machine, messageId);
    }
    prune(machine, { nowMs: clock.ms });
  };
  return { ...rest, machine, clock, run, send, writeSent };
}

describe('the spool', () => {
  it('returns its events to be sent, and their records move once they are acknowledged', (t) => {
    const { machine, names, run, send } = setup(t);
    assert.equal(run(), 'of this run');
    const events = pendingEvents(machine);
    assert.deepEqual(sorted(events.map(({ properties }) => properties.event)), [
      COMMAND,
      'install',
    ]);
    send();
    assert.deepEqual(names('spool'), []);
    assert.deepEqual(sentEvents(machine), events);
    assert.equal(run(), 'nothing');
  });

  it('counts the install of a new id beside records of the former one', (t) => {
    const { machine, run, send } = setup(t);
    run();
    send();
    const renewed = { ...machine, machineId: 'b7'.repeat(32) };
    enqueue(renewed, { command: COMMAND, at: NOON / 1000 });
    const names = pendingEvents(renewed).map(({ properties }) => properties.event);
    assert.deepEqual(names, ['install', COMMAND]);
  });

  it('has room for 100 events', (t) => {
    const { names, run, clock } = setup(t);
    for (let day = 0; day < 2 * SPOOL_LIMIT; day += 1) {
      clock.ms += DAY_MS;
      assert.equal(run(), day === 0 ? 'of this run' : 'of earlier runs');
    }
    assert.equal(names('spool')?.length, SPOOL_LIMIT);
  });

  it('does not enqueue what another process has sent in the meantime', (t) => {
    const { machine, names, run, send } = setup(t);
    run();
    send();
    // As if the run had looked for the records before they moved, and created its own after that.
    const [event] = sentEvents(machine);
    writeFileSync(join(machine.folder, `spool/${event?.messageId}.json`), JSON.stringify(event));
    assert.deepEqual(takePending(machine, { nowMs: NOON }), []);
    assert.deepEqual(names('spool'), []);
  });

  const invalid = ['', '{}', 'x'.repeat(10_000_000)];
  for (const text of invalid) {
    it(`does not send a file of ${text.length} bytes that is no event, and removes it later`, (t) => {
      const { machine, write, names, run, file } = setup(t);
      const path = `spool/${file(COMMAND)}`;
      write(path, text);
      utimesSync(join(machine.folder, path), NOON / 1000, NOON / 1000);
      assert.deepEqual(
        takePending(machine, { nowMs: NOON + 59_000 }),
        [],
        'it can be half written',
      );
      assert.deepEqual(names('spool'), [file(COMMAND)]);
      assert.deepEqual(takePending(machine, { nowMs: NOON + 61_000 }), []);
      assert.deepEqual(names('spool'), []);
      run();
      assert.equal(pendingEvents(machine).length, 2);
    });
  }

  it('does not follow a symbolic link', (t) => {
    const { machine, home, write, names, file } = setup(t);
    const event = machineEvent({ machineId: ID, name: COMMAND, at: NOON / 1000 });
    write('spool/notes.txt', 'not ours');
    writeFileSync(join(home, 'theirs'), JSON.stringify(event));
    symlinkSync(join(home, 'theirs'), join(machine.folder, 'spool', file(COMMAND)));
    assert.deepEqual(takePending(machine, { nowMs: Date.now() + DAY_MS }), []);
    assert.deepEqual(names('spool'), ['notes.txt'], 'the link is gone, and nothing else');
    assert.ok(statSync(join(home, 'theirs')).size > 0);
  });

  it('is emptied of events, and of nothing else', (t) => {
    const { machine, write, names, run } = setup(t);
    run();
    write('spool/notes.txt', 'not ours');
    emptySpool(machine.folder);
    assert.deepEqual(names('spool'), ['notes.txt']);
  });
});

describe('the records of what was sent', () => {
  it('prevent that an event is enqueued again', (t) => {
    const { names, run, send } = setup(t);
    run();
    send();
    run();
    run('dashboard');
    assert.deepEqual(names('spool'), [`${idOf('dashboard', NOON)}.json`]);
  });

  it('are pruned, and the install is still not enqueued again', (t) => {
    const { names, run, send, clock, file } = setup(t);
    for (let day = 0; day < 60; day += 1) {
      clock.ms += DAY_MS;
      run();
      send();
    }
    assert.equal(names('sent')?.length, 20);
    assert.ok(!names('sent')?.includes(file('install')));
    clock.ms += DAY_MS;
    run();
    assert.deepEqual(names('spool'), [file(COMMAND)]);
  });

  it('are kept for 16 days, however many there are', (t) => {
    const { machine, names, clock, writeSent } = setup(t);
    for (let day = -10; day < 40; day += 1) writeSent(NOON - day * DAY_MS);
    prune(machine, { nowMs: clock.ms });
    assert.equal(names('sent')?.length, 10 + 17);
  });

  it('count as old as their file if they are damaged', (t) => {
    const { machine, names, write, clock, writeSent } = setup(t);
    for (let day = 0; day < 20; day += 1) writeSent(NOON - day * DAY_MS);
    const damaged = `sent/${'0'.repeat(64)}.json`;
    write(damaged, '');
    utimesSync(join(machine.folder, damaged), 1, 1);
    prune(machine, { nowMs: clock.ms });
    assert.equal(names('sent')?.length, 20);
    assert.ok(!names('sent')?.includes(`${'0'.repeat(64)}.json`));
  });
});
