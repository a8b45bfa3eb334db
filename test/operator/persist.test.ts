import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import { recovery } from '../../src/cluster/recovery.ts';
import { ownership, WithdrawnElsewhere } from '../../src/operator/ownership.ts';
import { persister } from '../../src/operator/persist.ts';
import { NewerLedger } from '../../src/operator/stored-ledger.ts';
import { firstLedger, restartConsent, withdrawConsent } from '../../src/record/ledger.ts';
import { parseLedger, serializeLedger } from '../../src/record/ledger-json.ts';
import { openRecorder } from '../../src/record/recorder.ts';
import { notifier } from '../../src/runtime/notifier.ts';
import { configMap } from './config-map.ts';

const MINUTE = 60_000;
const FIRST = firstLedger({ createdAt: 1_795_434_161, resourceVersion: '1' });

function setup() {
  const clock = fakeTime();
  const stop = new AbortController();
  const map = configMap();
  const gates = { changed: notifier(), acknowledged: notifier() };
  const leader = { allowed: true };
  const states: string[] = [];
  const book = openRecorder(FIRST, {
    clusterId: 'ab'.repeat(32),
    onChange(change) {
      if (change === 'checkpoint') return keeper.progressed();
      gates.changed.notify();
      if (change === 'acknowledged') gates.acknowledged.notify();
    },
  });
  const keeper = persister({
    ...gates,
    recorder: book,
    store: map.store,
    map: map.first,
    ownership: ownership({ since: FIRST.since, cluster: 'ab'.repeat(32) }),
    allowed: () => leader.allowed,
    time: clock.time,
    recovery: recovery({ time: clock.time, random: () => 0.5 }),
    random: () => 0.5,
    onState: (state) => states.push(state),
    onRestored: () => states.push('restored'),
  });
  const ended = keeper.run(stop.signal);
  ended.catch(() => undefined);

  let made = 0;
  function create(): void {
    made += 1;
    const createdAt = 1_795_434_162;
    book.added({
      kind: 'API',
      uid: `u${made}`,
      createdAt,
      resourceVersion: '2',
      seenAt: createdAt,
    });
  }
  const acknowledge = () => {
    for (const happening of book.pending(1)) book.acknowledged(happening);
  };
  return {
    clock,
    map,
    book,
    leader,
    states,
    ended,
    keeper,
    create,
    acknowledge,
    stop: () => stop.abort(),
  };
}

/** Whether the written ledger holds what the book knows. */
function isUpToDate({ map, book }: ReturnType<typeof setup>): boolean {
  return map.text() === serializeLedger(book.ledger());
}

describe('the ledger', () => {
  it('is not written while nothing changes', async () => {
    const { clock, map } = setup();
    await clock.pass(60 * MINUTE);
    assert.deepEqual(map.writes, []);
  });

  it('is written a second after a change, or at once after an acknowledgement', async () => {
    const waits = setup();
    waits.create();
    await waits.clock.pass(999);
    assert.equal(waits.map.writes.length, 0);
    await waits.clock.pass(1);
    assert.ok(isUpToDate(waits));

    const acks = setup();
    acks.create();
    await acks.clock.pass(300);
    acks.acknowledge();
    await acks.clock.pass(1);
    assert.ok(isUpToDate(acks));
    assert.equal(acks.clock.waiting(), 0);
    await acks.clock.pass(MINUTE);
    assert.equal(acks.map.writes.length, 1);
  });

  it('is written at most once a second, and never behind for longer than two', async () => {
    const all = setup();
    const { clock, map, create, acknowledge } = all;
    for (let step = 0; step < 600; step += 1) {
      create();
      await clock.pass(50);
      if (step % 3 > 0) acknowledge();
      await clock.pass(50);
      assert.ok(map.writes.length <= 1 + (step + 1) / 10, `${map.writes.length} writes`);
    }
    assert.ok(map.writes.length >= 30);
    await clock.pass(2_000);
    assert.ok(isUpToDate(all));
  });

  it('keeps the mere progress of a watch for five minutes', async () => {
    const { clock, map, book } = setup();
    for (let minute = 1; minute <= 60; minute += 1) {
      await clock.pass(MINUTE);
      book.progressed('API', String(minute));
    }
    assert.ok(map.writes.length >= 9 && map.writes.length <= 12, String(map.writes.length));
  });
});

describe('a ledger that somebody else touches', () => {
  it('is written over with what the leader knows', async () => {
    const cases = [
      { text: 'what somebody has put there', said: ['restored'] },
      { text: undefined, said: ['restored'] },
      { text: serializeLedger({ ...FIRST, cluster: 'cd'.repeat(32) }), said: ['restored'] },
      { text: serializeLedger(FIRST), said: [] },
    ];
    for (const { text, said } of cases) {
      const all = setup();
      const { clock, map, create, states } = all;
      create();
      await clock.pass(2_000);
      map.edit(text);
      create();
      await clock.pass(2_000);
      assert.ok(isUpToDate(all));
      assert.deepEqual(states, said);
    }
  });

  it('is made again if it was deleted', async () => {
    const all = setup();
    all.map.remove();
    all.create();
    await all.clock.pass(1_000);
    assert.ok(isUpToDate(all));
    assert.deepEqual(all.states, [], 'it had not been written before');
  });

  it('is left alone if telemetry was switched off in it', async () => {
    const { clock, map, create, ended } = setup();
    const off = serializeLedger(withdrawConsent(FIRST, '2026-11-24T00:00:00.000Z'));
    map.edit(off);
    create();
    await clock.pass(1_000);
    await assert.rejects(ended, (error) => {
      return error instanceof WithdrawnElsewhere && !error.onAgain;
    });
    assert.equal(map.text(), off);
  });

  it('is left alone if telemetry was switched off and on again in it', async () => {
    const { clock, map, create, ended } = setup();
    const onAgain = serializeLedger(restartConsent(FIRST, '2026-11-24T00:00:00.000Z'));
    map.edit(onAgain);
    create();
    await clock.pass(1_000);
    await assert.rejects(ended, (error) => {
      return error instanceof WithdrawnElsewhere && error.onAgain;
    });
    assert.equal(map.text(), onAgain);
  });

  it('is written over if it is another cluster’s', async () => {
    const all = setup();
    const since = '2026-11-24T00:00:00.000Z';
    all.map.edit(serializeLedger({ ...FIRST, cluster: 'cd'.repeat(32), since }));
    all.create();
    await all.clock.pass(1_000);
    assert.ok(isUpToDate(all));
  });

  it('is left alone if a newer program has written it', async () => {
    const { clock, map, create, ended } = setup();
    map.edit('{"version":2}');
    create();
    await clock.pass(1_000);
    await assert.rejects(ended, NewerLedger);
    assert.equal(map.text(), '{"version":2}');
  });

  it('is left alone by a leader that is none any more when it finds out', async () => {
    const { clock, map, create, leader } = setup();
    map.edit('the next leader has been here');
    const { read } = map.store;
    Object.assign(map.store, {
      async read(signal: AbortSignal) {
        leader.allowed = false;
        return await read(signal);
      },
    });
    create();
    await clock.pass(10_000);
    assert.equal(map.text(), 'the next leader has been here');
  });
});

describe('a ledger that can not be written', () => {
  it('is tried again, with two lines, and is up to date then', async () => {
    const all = setup();
    const { clock, map, create, states } = all;
    map.network.fails = new KubeStatusError(503);
    create();
    await clock.pass(10 * MINUTE);
    create();
    map.network.fails = undefined;
    await clock.pass(2 * MINUTE);
    assert.ok(isUpToDate(all));
    assert.deepEqual(states, ['failing', 'back']);
  });

  it('is tried soon the next time, though the last time took long', async () => {
    const all = setup();
    for (const ms of [60 * MINUTE, 3_000]) {
      all.map.network.fails = new KubeStatusError(503);
      all.create();
      await all.clock.pass(ms);
      all.map.network.fails = undefined;
      await all.clock.pass(ms === 3_000 ? 4_000 : 2 * MINUTE);
      assert.ok(isUpToDate(all), `after ${ms} ms`);
    }
  });

  it('is not written by who does not lead, until it does', async () => {
    const all = setup();
    all.leader.allowed = false;
    all.create();
    await all.clock.pass(MINUTE);
    assert.deepEqual(all.map.writes, []);
    all.leader.allowed = true;
    await all.clock.pass(3_000);
    assert.ok(isUpToDate(all));
  });
});

describe('the end', () => {
  it('ends the writing, and leaves nothing waiting', async () => {
    const { clock, stop, ended, create, map } = setup();
    create();
    await clock.pass(500);
    stop();
    await ended;
    assert.equal(clock.waiting(), 0);
    assert.deepEqual(map.writes, []);
  });

  it('leaves the last write to who has the ledger', async () => {
    const { clock, stop, ended, create, keeper, map, book } = setup();
    create();
    stop();
    await ended;
    await keeper.write(clock.time.deadline(1_000));
    assert.equal(map.text(), serializeLedger(book.ledger()));
    assert.equal(parseLedger(map.text() ?? '').found, 'ledger');
  });
});
