import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Kind, Sighting } from '../../src/event.ts';
import { firstLedger, type Ledger, PENDING_LIMIT, SENT_LIMIT } from '../../src/record/ledger.ts';
import { parseLedger, serializeLedger } from '../../src/record/ledger-json.ts';
import { openRecorder, type Recorder } from '../../src/record/recorder.ts';

const BORN = Date.parse('2026-11-23T11:42:41Z') / 1000;
/** Its slot is minute 0. */
const CLUSTER = '0'.repeat(64);
const NOON = Date.parse('2026-11-23T12:00:00Z');
const HOUR = 3_600_000;

function setup(from: Partial<Ledger> = {}) {
  const changes: string[] = [];
  const first = firstLedger({ createdAt: BORN, resourceVersion: '1000' });
  const book = openRecorder(
    { ...first, ...from },
    { clusterId: CLUSTER, onChange: (change) => changes.push(change) },
  );
  return { book, changes };
}

function seen(uid: string, kind: Kind = 'API', createdAt = BORN + 1): Sighting {
  return { kind, uid, createdAt, resourceVersion: '2000', seenAt: BORN + 1_000 };
}

/** What a list of APIs shows as new. */
function unknownIn(book: Recorder, list: readonly Sighting[]): readonly Sighting[] {
  const { take, unknown } = book.listing('API');
  take(list);
  return unknown();
}

/** As after a restart. */
function reopened(book: Recorder): Recorder {
  const reading = parseLedger(serializeLedger(book.ledger()));
  assert.equal(reading.found, 'ledger');
  return setup(reading.ledger).book;
}

const told = (book: Recorder) => book.pending(100).map(({ name, subject }) => `${name}/${subject}`);

describe('a creation', () => {
  it('is told by the name of its kind, at the time of its creation', () => {
    const { book } = setup();
    book.added(seen('a', 'API'));
    book.added(seen('b', 'StaticRoute'));
    book.added(seen('c', 'EnvoyFleet', BORN + 7));
    assert.deepEqual(book.pending(10), [
      { name: 'api-created', subject: 'a', at: BORN + 1 },
      { name: 'static-route-created', subject: 'b', at: BORN + 1 },
      { name: 'envoy-fleet-created', subject: 'c', at: BORN + 7 },
    ]);
  });

  it('is told once, before and after a restart, acknowledged or not', () => {
    const { book } = setup();
    book.added(seen('a'));
    book.added(seen('a'));
    assert.deepEqual(told(book), ['api-created/a']);
    assert.deepEqual(told(reopened(book)), ['api-created/a']);
    for (const happening of book.pending(1)) book.acknowledged(happening);
    book.added(seen('a'));
    const next = reopened(book);
    next.added(seen('a'));
    assert.deepEqual([...told(book), ...told(next)], []);
    assert.deepEqual(unknownIn(next, [seen('a'), seen('b')]), [seen('b')]);
  });

  it('is one kind’s business: the same UID of another is another', () => {
    const { book } = setup();
    book.added(seen('a', 'API'));
    book.added(seen('a', 'StaticRoute'));
    assert.deepEqual(told(book), ['api-created/a', 'static-route-created/a']);
  });
});

describe('progress', () => {
  it('is kept by kind, and said so', () => {
    const { book, changes } = setup();
    book.progressed('StaticRoute', '3000');
    assert.equal(book.start('StaticRoute'), '3000');
    assert.equal(book.start('API'), '1000');
    assert.equal(reopened(book).start('StaticRoute'), '3000');
    assert.deepEqual(changes, ['checkpoint']);
  });

  it('by which consent begins is to be kept soon', () => {
    const { kinds } = firstLedger({ createdAt: 0, resourceVersion: '0' });
    const anew = {
      ...kinds.API,
      consentStart: undefined,
      baseline: true,
      resourceVersion: undefined,
    };
    const { book, changes } = setup({ kinds: { ...kinds, API: anew, StaticRoute: anew } });
    book.progressed('API', '3000');
    book.progressed('API', '3001');
    book.absent('StaticRoute');
    book.absent('StaticRoute');
    assert.deepEqual(changes, ['dirty', 'checkpoint', 'dirty']);
  });

  it('from the moment of the install is asked by kind, and the answer is to be kept soon', () => {
    const { book, changes } = setup();
    const existing = book.listedAtConsent('API');
    existing.take([seen('a', 'API', BORN)]);
    existing.complete();
    const next = reopened(book);
    assert.deepEqual(
      [next.consentRevision('API'), next.consentRevision('StaticRoute')],
      [undefined, '1000'],
    );
    assert.deepEqual(unknownIn(next, [seen('a', 'API', BORN)]), []);
    assert.deepEqual(changes, ['dirty']);
  });

  it('of a kind that does not exist is that all of it will be new', () => {
    const { kinds } = firstLedger({ createdAt: 0, resourceVersion: '0' });
    const anew = {
      ...kinds.API,
      consentStart: undefined,
      baseline: true,
      resourceVersion: undefined,
    };
    const { book } = setup({ kinds: { ...kinds, API: anew } });
    book.absent('API');
    assert.deepEqual(unknownIn(book, [seen('a')]), [seen('a')]);
  });
});

describe('the beat', () => {
  it('tells the install, at the time at which consent began, and the first heartbeat', () => {
    const { book } = setup();
    assert.equal(book.tickHeartbeat(NOON), 12 * HOUR);
    assert.deepEqual(book.pending(10), [
      { name: 'install', subject: '', at: BORN },
      { name: 'heartbeat', subject: '2026-11-23', at: NOON / 1000 },
    ]);
  });

  it('tells the install once for a ledger', () => {
    const { book } = setup();
    book.tickHeartbeat(NOON);
    for (const happening of book.pending(10)) book.acknowledged(happening);
    book.tickHeartbeat(NOON + 1);
    const next = reopened(book);
    next.tickHeartbeat(NOON + 2);
    assert.deepEqual([...told(book), ...told(next)], []);
  });

  it('dates a day that was missed to its slot, and today to now', () => {
    const heartbeat = { recorded: ['2026-11-21'], outstanding: ['2026-11-22'] };
    const { book } = setup({ installed: true, heartbeat });
    book.tickHeartbeat(NOON);
    assert.deepEqual(book.pending(10), [
      { name: 'heartbeat', subject: '2026-11-22', at: Date.UTC(2026, 10, 22) / 1000 },
      { name: 'heartbeat', subject: '2026-11-23', at: NOON / 1000 },
    ]);
  });

  it('says that a day is lived, so that it is written down, and says it once', () => {
    const clusterId = 'f'.repeat(64);
    const changes: string[] = [];
    const heartbeat = { recorded: ['2026-11-22'], outstanding: [] };
    const from = { ...setup().book.ledger(), installed: true, heartbeat };
    const book = openRecorder(from, { clusterId, onChange: (change) => changes.push(change) });
    book.tickHeartbeat(Date.parse('2026-11-23T00:00:00Z'));
    book.tickHeartbeat(Date.parse('2026-11-23T00:01:00Z'));
    assert.deepEqual(told(book), []);
    assert.equal(changes.length, 1);
    assert.deepEqual(book.ledger().heartbeat.outstanding, ['2026-11-23']);
  });
});

describe('what is pending', () => {
  it('is given oldest first, as many as are asked for', () => {
    const { book } = setup();
    for (const uid of ['a', 'b', 'c']) book.added(seen(uid));
    assert.deepEqual(
      book.pending(2).map(({ subject }) => subject),
      ['a', 'b'],
    );
    assert.equal(book.unacknowledged(), 3);
  });

  it('is gone once it is acknowledged, and each step is said', () => {
    const { book, changes } = setup();
    book.added(seen('a'));
    const before = changes.length;
    assert.equal(before, 1);
    for (const happening of book.pending(1)) book.acknowledged(happening);
    assert.equal(book.unacknowledged(), 0);
    assert.equal(changes.length, 2);
    assert.equal(changes.at(-1), 'acknowledged');
  });

  it('has room for so many, of which each takes one', () => {
    const { book } = setup();
    assert.equal(book.capacity(), PENDING_LIMIT);
    for (let index = 0; index < PENDING_LIMIT; index += 1) book.added(seen(`${index}`));
    assert.equal(book.capacity(), 0);
    book.tickHeartbeat(NOON);
    assert.equal(book.capacity(), -2);
    assert.equal(reopened(book).unacknowledged(), PENDING_LIMIT + 2);
  });
});

describe('the payloads that left', () => {
  it('are kept for the admin, the last twenty of them', () => {
    const { book } = setup();
    for (let index = 0; index < SENT_LIMIT + 5; index += 1) book.sent({ index });
    const kept = book.ledger().sent.map(({ index }) => index);
    assert.deepEqual(
      kept,
      Array.from({ length: SENT_LIMIT }, (_, index) => index + 5),
    );
  });
});

describe('the ledger of a book', () => {
  it('is a value: what happens after it was taken does not change it', () => {
    const { book } = setup();
    const before = book.ledger();
    const text = serializeLedger(before);
    book.added(seen('a'));
    book.tickHeartbeat(NOON);
    book.sent({});
    book.progressed('API', '9');
    assert.equal(serializeLedger(before), text);
  });

  it('is one of consent on', () => {
    assert.equal(setup().book.ledger().consent, 'on');
    assert.equal(setup().book.ledger().since, '2026-11-23T11:42:41.000Z');
  });
});
