import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Kind, Sighting } from '../../src/event.ts';
import { firstLedger, type Ledger, PENDING_LIMIT, SENT_LIMIT } from '../../src/record/ledger.ts';
import { parseLedger, serializeLedger } from '../../src/record/ledger-json.ts';
import { openRecorder, type Recorder } from '../../src/record/recorder.ts';

const BORN = Date.parse('2026-11-23T11:42:41Z') / 1000;
/** A cluster whose slot is minute 0. */
const CLUSTER = '0'.repeat(64);
const NOON = Date.parse('2026-11-23T12:00:00Z');
const HOUR = 3_600_000;

function setup(from: Partial<Ledger> = {}) {
  const changes: string[] = [];
  const first = firstLedger({ createdAt: BORN, resourceVersion: '1000' });
  const recorder = openRecorder(
    { ...first, ...from },
    { clusterId: CLUSTER, onChange: (change) => changes.push(change) },
  );
  return { recorder, changes };
}

function seen(uid: string, kind: Kind = 'API', createdAt = BORN + 1): Sighting {
  return { kind, uid, createdAt, resourceVersion: '2000', seenAt: BORN + 1_000 };
}

/** Returns the new resources of a list of APIs. */
function unknownIn(recorder: Recorder, list: readonly Sighting[]): readonly Sighting[] {
  const { take, unknown } = recorder.listing('API');
  take(list);
  return unknown();
}

/** Returns the recorder after a restart. */
function reopened(recorder: Recorder): Recorder {
  const reading = parseLedger(serializeLedger(recorder.ledger()));
  assert.equal(reading.found, 'ledger');
  return setup(reading.ledger).recorder;
}

const enqueued = (recorder: Recorder) =>
  recorder.pending(100).map(({ name, subject }) => `${name}/${subject}`);

describe('a creation', () => {
  it('is enqueued with the name of its kind and the time of its creation', () => {
    const { recorder } = setup();
    recorder.added(seen('a', 'API'));
    recorder.added(seen('b', 'StaticRoute'));
    recorder.added(seen('c', 'EnvoyFleet', BORN + 7));
    assert.deepEqual(recorder.pending(10), [
      { name: 'api-created', subject: 'a', at: BORN + 1 },
      { name: 'static-route-created', subject: 'b', at: BORN + 1 },
      { name: 'envoy-fleet-created', subject: 'c', at: BORN + 7 },
    ]);
  });

  it('is enqueued once, before and after a restart, acknowledged or not', () => {
    const { recorder } = setup();
    recorder.added(seen('a'));
    recorder.added(seen('a'));
    assert.deepEqual(enqueued(recorder), ['api-created/a']);
    assert.deepEqual(enqueued(reopened(recorder)), ['api-created/a']);
    for (const occurrence of recorder.pending(1)) recorder.acknowledged(occurrence);
    recorder.added(seen('a'));
    const next = reopened(recorder);
    next.added(seen('a'));
    assert.deepEqual([...enqueued(recorder), ...enqueued(next)], []);
    assert.deepEqual(unknownIn(next, [seen('a'), seen('b')]), [seen('b')]);
  });

  it('is separate for each kind, even with the same UID', () => {
    const { recorder } = setup();
    recorder.added(seen('a', 'API'));
    recorder.added(seen('a', 'StaticRoute'));
    assert.deepEqual(enqueued(recorder), ['api-created/a', 'static-route-created/a']);
  });
});

/** The kinds of a first ledger, and one of them for which consent has begun again. */
function restartedKind() {
  const { kinds } = firstLedger({ createdAt: 0, resourceVersion: '0' });
  const restarted = {
    ...kinds.API,
    consentStart: undefined,
    baseline: true,
    resourceVersion: undefined,
  };
  return { kinds, restarted };
}

describe('progress', () => {
  it('is kept by kind, and said so', () => {
    const { recorder, changes } = setup();
    recorder.progressed('StaticRoute', '3000');
    assert.equal(recorder.start('StaticRoute'), '3000');
    assert.equal(recorder.start('API'), '1000');
    assert.equal(reopened(recorder).start('StaticRoute'), '3000');
    assert.deepEqual(changes, ['checkpoint']);
  });

  it('by which consent begins is to be kept soon', () => {
    const { kinds, restarted } = restartedKind();
    const { recorder, changes } = setup({
      kinds: { ...kinds, API: restarted, StaticRoute: restarted },
    });
    recorder.progressed('API', '3000');
    recorder.progressed('API', '3001');
    recorder.absent('StaticRoute', BORN);
    recorder.absent('StaticRoute', BORN);
    assert.deepEqual(changes, ['dirty', 'checkpoint', 'dirty']);
  });

  it('from the moment of the install is decided by kind, and the decision is to be written soon', () => {
    const { recorder, changes } = setup();
    const existing = recorder.listedAtConsent('API');
    existing.take([seen('a', 'API', BORN)]);
    existing.complete();
    const next = reopened(recorder);
    assert.deepEqual(
      [next.consentRevision('API'), next.consentRevision('StaticRoute')],
      [undefined, '1000'],
    );
    assert.deepEqual(unknownIn(next, [seen('a', 'API', BORN)]), []);
    assert.deepEqual(changes, ['dirty']);
  });

  it('of a kind that does not exist is that all of it will be new from then on', () => {
    const { kinds, restarted } = restartedKind();
    const { recorder } = setup({ kinds: { ...kinds, API: restarted } });
    const { createdAt } = seen('a');
    recorder.absent('API', createdAt - 1);
    const older = seen('older', 'API', createdAt - 1);
    assert.deepEqual(unknownIn(recorder, [seen('a'), older]), [seen('a')]);
  });
});

describe('tickHeartbeat', () => {
  it('enqueues the install, dated to the start of consent, and the first heartbeat', () => {
    const { recorder } = setup();
    assert.equal(recorder.tickHeartbeat(NOON), 12 * HOUR);
    assert.deepEqual(recorder.pending(10), [
      { name: 'install', subject: '', at: BORN },
      { name: 'heartbeat', subject: '2026-11-23', at: NOON / 1000 },
    ]);
  });

  it('enqueues the install once for a ledger', () => {
    const { recorder } = setup();
    recorder.tickHeartbeat(NOON);
    for (const occurrence of recorder.pending(10)) recorder.acknowledged(occurrence);
    recorder.tickHeartbeat(NOON + 1);
    const next = reopened(recorder);
    next.tickHeartbeat(NOON + 2);
    assert.deepEqual([...enqueued(recorder), ...enqueued(next)], []);
  });

  it('dates a missed day to its slot, and today to the current time', () => {
    const heartbeat = { recorded: ['2026-11-21'], outstanding: ['2026-11-22'] };
    const { recorder } = setup({ installed: true, heartbeat });
    recorder.tickHeartbeat(NOON);
    assert.deepEqual(recorder.pending(10), [
      { name: 'heartbeat', subject: '2026-11-22', at: Date.UTC(2026, 10, 22) / 1000 },
      { name: 'heartbeat', subject: '2026-11-23', at: NOON / 1000 },
    ]);
  });

  it('says that a day is lived, so that it is written down, and says it once', () => {
    const clusterId = 'f'.repeat(64);
    const changes: string[] = [];
    const heartbeat = { recorded: ['2026-11-22'], outstanding: [] };
    const from = { ...setup().recorder.ledger(), installed: true, heartbeat };
    const recorder = openRecorder(from, { clusterId, onChange: (change) => changes.push(change) });
    recorder.tickHeartbeat(Date.parse('2026-11-23T00:00:00Z'));
    recorder.tickHeartbeat(Date.parse('2026-11-23T00:01:00Z'));
    assert.deepEqual(enqueued(recorder), []);
    assert.equal(changes.length, 1);
    assert.deepEqual(recorder.ledger().heartbeat.outstanding, ['2026-11-23']);
  });
});

describe('pending events', () => {
  it('is given oldest first, as many as are asked for', () => {
    const { recorder } = setup();
    for (const uid of ['a', 'b', 'c']) recorder.added(seen(uid));
    assert.deepEqual(
      recorder.pending(2).map(({ subject }) => subject),
      ['a', 'b'],
    );
    assert.equal(recorder.unacknowledged(), 3);
  });

  it('is gone once it is acknowledged, and each step is said', () => {
    const { recorder, changes } = setup();
    recorder.added(seen('a'));
    const before = changes.length;
    assert.equal(before, 1);
    for (const occurrence of recorder.pending(1)) recorder.acknowledged(occurrence);
    assert.equal(recorder.unacknowledged(), 0);
    assert.equal(changes.length, 2);
    assert.equal(changes.at(-1), 'acknowledged');
  });

  it('has room for so many, of which each takes one', () => {
    const { recorder } = setup();
    assert.equal(recorder.capacity(), PENDING_LIMIT);
    for (let index = 0; index < PENDING_LIMIT; index += 1) recorder.added(seen(`${index}`));
    assert.equal(recorder.capacity(), 0);
    recorder.tickHeartbeat(NOON);
    assert.equal(recorder.capacity(), -2);
    assert.equal(reopened(recorder).unacknowledged(), PENDING_LIMIT + 2);
  });
});

describe('sent payloads', () => {
  it('are kept for the administrator, the last twenty of them', () => {
    const { recorder } = setup();
    for (let index = 0; index < SENT_LIMIT + 5; index += 1) recorder.sent({ index });
    const kept = recorder.ledger().sent.map(({ index }) => index);
    assert.deepEqual(
      kept,
      Array.from({ length: SENT_LIMIT }, (_, index) => index + 5),
    );
  });
});

describe('ledger', () => {
  it('returns a value that later changes do not affect', () => {
    const { recorder } = setup();
    const before = recorder.ledger();
    const text = serializeLedger(before);
    recorder.added(seen('a'));
    recorder.tickHeartbeat(NOON);
    recorder.sent({});
    recorder.progressed('API', '9');
    assert.equal(serializeLedger(before), text);
  });

  it('returns a ledger with consent on', () => {
    assert.equal(setup().recorder.ledger().consent, 'on');
    assert.equal(setup().recorder.ledger().since, '2026-11-23T11:42:41.000Z');
  });
});
