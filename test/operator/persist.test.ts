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
  const notifiers = { changed: notifier(), acknowledged: notifier() };
  const leader = { allowed: true };
  const states: string[] = [];
  const recorder = openRecorder(FIRST, {
    clusterId: 'ab'.repeat(32),
    onChange(change) {
      if (change === 'checkpoint') return writer.progressed();
      notifiers.changed.notify();
      if (change === 'acknowledged') notifiers.acknowledged.notify();
    },
  });
  const writer = persister({
    ...notifiers,
    recorder,
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
  const ended = writer.run(stop.signal);
  ended.catch(() => undefined);

  let made = 0;
  function create(): void {
    made += 1;
    const createdAt = 1_795_434_162;
    recorder.added({
      kind: 'API',
      uid: `u${made}`,
      createdAt,
      resourceVersion: '2',
      seenAt: createdAt,
    });
  }
  const acknowledge = () => {
    for (const occurrence of recorder.pending(1)) recorder.acknowledged(occurrence);
  };
  return {
    clock,
    map,
    recorder,
    leader,
    states,
    ended,
    writer,
    create,
    acknowledge,
    stop: () => stop.abort(),
  };
}

/** Whether the stored ledger equals the recorder's. */
function isUpToDate({ map, recorder }: ReturnType<typeof setup>): boolean {
  return map.text() === serializeLedger(recorder.ledger());
}

describe('the ledger', () => {
  it('is not written while nothing changes', async () => {
    const { clock, map } = setup();
    await clock.pass(60 * MINUTE);
    assert.deepEqual(map.writes, []);
  });

  it('is written a second after a change, or immediately after an acknowledgement', async () => {
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

  it('is written at most once a second, and is at most two seconds old', async () => {
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

  it('is written five minutes after a checkpoint, if nothing else changes', async () => {
    const { clock, map, recorder } = setup();
    for (let minute = 1; minute <= 60; minute += 1) {
      await clock.pass(MINUTE);
      recorder.progressed('API', String(minute));
    }
    assert.ok(map.writes.length >= 9 && map.writes.length <= 12, String(map.writes.length));
  });
});

describe('a ledger that another writer changes', () => {
  it('is overwritten with the leader’s ledger', async () => {
    const cases = [
      { text: 'text of another writer', expected: ['restored'] },
      { text: undefined, expected: ['restored'] },
      { text: serializeLedger({ ...FIRST, cluster: 'cd'.repeat(32) }), expected: ['restored'] },
      { text: serializeLedger(FIRST), expected: [] },
    ];
    for (const { text, expected } of cases) {
      const all = setup();
      const { clock, map, create, states } = all;
      create();
      await clock.pass(2_000);
      map.edit(text);
      create();
      await clock.pass(2_000);
      assert.ok(isUpToDate(all));
      assert.deepEqual(states, expected);
    }
  });

  it('is reported as restored even if the response to the rewrite was lost', async () => {
    const all = setup();
    const { clock, map, create, states, writer } = all;
    create();
    await clock.pass(2_000);
    map.edit('text of another writer');
    map.network.losesResponse = new Error('cut');
    const { signal } = new AbortController();
    await assert.rejects(writer.write(signal), /cut/);
    map.network.losesResponse = undefined;
    assert.deepEqual(states, []);
    for (let times = 0; times < 2; times += 1) await writer.write(signal);
    assert.ok(isUpToDate(all));
    assert.deepEqual(states, ['restored']);
  });

  it('is created again if it was deleted', async () => {
    const all = setup();
    all.map.remove();
    all.create();
    await all.clock.pass(1_000);
    assert.ok(isUpToDate(all));
    assert.deepEqual(all.states, [], 'it had not been written before');
  });

  it('is not overwritten if telemetry was switched off in it', async () => {
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

  it('is not overwritten if telemetry was switched off and on again in it', async () => {
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

  it('is overwritten if it is another cluster’s', async () => {
    const all = setup();
    const since = '2026-11-24T00:00:00.000Z';
    all.map.edit(serializeLedger({ ...FIRST, cluster: 'cd'.repeat(32), since }));
    all.create();
    await all.clock.pass(1_000);
    assert.ok(isUpToDate(all));
  });

  it('is not overwritten if a newer program has written it', async () => {
    const { clock, map, create, ended } = setup();
    map.edit('{"version":2}');
    create();
    await clock.pass(1_000);
    await assert.rejects(ended, NewerLedger);
    assert.equal(map.text(), '{"version":2}');
  });

  it('is not overwritten by a leader that leads no longer when it rereads the ledger', async () => {
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
  it('is retried, with two lines, and is up to date afterwards', async () => {
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

  it('is reported once more if it later fails for a cause that needs a person', async () => {
    const { clock, map, create, states } = setup();
    const failures = [503, 403, 503, 403, 422];
    for (const status of failures) {
      map.network.fails = new KubeStatusError(status);
      create();
      await clock.pass(10 * MINUTE);
    }
    map.network.fails = undefined;
    await clock.pass(2 * MINUTE);
    assert.deepEqual(states, ['failing', 'failing', 'failing', 'back']);
  });

  it('is retried soon, even if the previous failure lasted long', async () => {
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

  it('is written only while the process leads', async () => {
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
  it('ends the writes, and leaves no timer', async () => {
    const { clock, stop, ended, create, map } = setup();
    create();
    await clock.pass(500);
    stop();
    await ended;
    assert.equal(clock.waiting(), 0);
    assert.deepEqual(map.writes, []);
  });

  it('leaves the last write to the caller', async () => {
    const { clock, stop, ended, create, writer, map, recorder } = setup();
    create();
    stop();
    await ended;
    await writer.write(clock.time.deadline(1_000));
    assert.equal(map.text(), serializeLedger(recorder.ledger()));
    assert.equal(parseLedger(map.text() ?? '').found, 'ledger');
  });
});
