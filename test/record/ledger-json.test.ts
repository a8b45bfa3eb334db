import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CREATED, KINDS } from '../../src/event.ts';
import { RECENT_LIMIT } from '../../src/record/creations.ts';
import { type Occurrence, trackEvent } from '../../src/record/events.ts';
import { packUid, unpackUid } from '../../src/record/json-fields.ts';
import { firstLedger, type Ledger, PENDING_LIMIT } from '../../src/record/ledger.ts';
import { LEDGER_VERSION, parseLedger, serializeLedger } from '../../src/record/ledger-json.ts';
import { openRecorder } from '../../src/record/recorder.ts';
import { ledger } from './arbitrary.ts';

const CONSENT_START = { createdAt: 1_795_434_161, resourceVersion: '1234' };
const CLUSTER = 'ab'.repeat(32);

/** Returns the text of a first ledger with one value changed, by its path: `kinds.API.floor`. */
function edited(path: string, value: unknown): string {
  const root = JSON.parse(serializeLedger(firstLedger(CONSENT_START)));
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((object, key) => object[key], root);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return JSON.stringify(root);
}

describe('the text of a ledger', () => {
  it('is read as the same ledger', () => {
    fc.assert(
      fc.property(ledger, (one) => {
        assert.deepEqual(parseLedger(serializeLedger(one)), { found: 'ledger', ledger: one });
      }),
      { numRuns: 500 },
    );
  });

  it('of a first ledger is readable JSON', () => {
    const kind = {
      resourceVersion: '1234',
      baseline: false,
      watermark: 1_795_434_161,
      floor: 1_795_434_160,
      recent: [],
      birth: CONSENT_START,
      exact: false,
      synced: false,
    };
    assert.deepEqual(JSON.parse(serializeLedger(firstLedger(CONSENT_START))), {
      version: 1,
      consent: 'on',
      since: '2026-11-23T11:42:41.000Z',
      installed: false,
      heartbeat: { told: [], untold: [] },
      kinds: { API: kind, StaticRoute: kind, EnvoyFleet: kind },
      pending: {},
      sent: [],
    });
  });

  it('groups pending events by name, in order, and packs them', () => {
    const uid = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const pending: readonly Occurrence[] = [
      { name: 'install', subject: '', at: 0 },
      { name: 'api-created', subject: uid, at: 1_795_434_161 },
    ];
    const text = serializeLedger({ ...firstLedger(CONSENT_START), pending });
    assert.deepEqual(JSON.parse(text).pending, {
      install: [':0'],
      'api-created': ['D4-tW9nLRp-hZXCGdyiVDg:toydv5'],
    });
  });

  it('never causes an error when it is read', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(anything, (text) => {
        assert.notEqual(parseLedger(text).found, 'ledger');
      }),
      { numRuns: 1_000 },
    );
  });

  it('edited by hand is damage, or a ledger that the operator can use', () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
      length: fc.nat(4),
      text: fc.oneof(
        fc.constantFrom('', '"', ',', '-', '9', 'z', '0', ':', 'null', '{}'),
        fc.string(),
      ),
    });
    fc.assert(
      fc.property(ledger, edit, (one, { at, length, text }) => {
        const whole = serializeLedger({ ...one, consent: 'on' });
        const from = Math.floor(at * whole.length);
        assertUsable(whole.slice(0, from) + text + whole.slice(from + length));
      }),
      { numRuns: 2_000 },
    );
  });

  /** Reads it. A ledger must produce valid events, and a text that can be read. */
  function assertUsable(text: string): void {
    const reading = parseLedger(text);
    if (reading.found !== 'ledger') return;
    const recorder = openRecorder(reading.ledger, {
      clusterId: CLUSTER,
      onChange: () => undefined,
    });
    recorder.tickHeartbeat(Date.UTC(2999, 11, 31));
    for (const occurrence of recorder.pending(100)) {
      assert.match(
        trackEvent({ source: 'kusk-gateway', anonymousId: CLUSTER, ...occurrence }).timestamp,
        /^\d{4}-/,
      );
    }
    assert.equal(parseLedger(serializeLedger(recorder.ledger())).found, 'ledger');
  }

  const harmless = [
    { title: 'a time without milliseconds', path: 'since', value: '2026-11-23T00:00:00Z' },
    { title: 'an unknown field', path: 'comment', value: 'hello' },
    {
      title: 'an outstanding day that does not exist',
      path: 'heartbeat.untold',
      value: ['2026-02-30'],
    },
  ];
  it('has no time that no date can have, even after an edit', () => {
    const moment = { createdAt: 9e15, resourceVersion: '1' };
    const period = { began: 9e15, after: moment, until: moment, ended: 9e15 };
    const reading = parseLedger(edited('kinds.API.earlier', { complete: true, periods: [period] }));
    assert.ok(reading.found === 'ledger');
    const [read] = reading.ledger.kinds.API.earlier.periods;
    for (const at of [read?.began, read?.ended, read?.after.createdAt, read?.until.createdAt]) {
      assert.equal(
        new Date((at ?? Number.NaN) * 1000).toISOString(),
        '+275760-09-13T00:00:00.000Z',
      );
    }
  });

  for (const { title, path, value } of harmless) {
    it(`may hold ${title}`, () => assertUsable(edited(path, value)));
  }
});

describe('a damaged ledger', () => {
  const damages = [
    { path: 'version', value: undefined, problem: 'version is not a whole number' },
    { path: 'version', value: -1, problem: 'version is not a whole number' },
    { path: 'version', value: 0.5, problem: 'version is not a whole number' },
    { path: 'consent', value: 'yes', problem: 'consent is not one of on, off' },
    { path: 'since', value: 1, problem: 'since is not a short text' },
    { path: 'since', value: 'x'.repeat(101), problem: 'since is not a short text' },
    { path: 'since', value: 'yesterday', problem: 'since is not a time' },
    { path: 'since', value: '1969-01-01T00:00:00Z', problem: 'since is not a time' },
    { path: 'since', value: '+275760-01-01T00:00:00Z', problem: 'since is not a time' },
    { path: 'installed', value: 'true', problem: 'installed is not one of true, false' },
    { path: 'heartbeat', value: null, problem: 'heartbeat is not a mapping' },
    { path: 'heartbeat.told', value: {}, problem: 'heartbeat.told is not a list' },
    {
      path: 'heartbeat.told',
      value: Array(17).fill('2026-11-23'),
      problem: 'heartbeat.told has 17 items',
    },
    { path: 'heartbeat.untold', value: ['2026-99-99'], problem: 'a day is not YYYY-MM-DD' },
    { path: 'heartbeat.untold', value: ['0001-01-01'], problem: 'a day is not YYYY-MM-DD' },
    { path: 'heartbeat.untold', value: ['23.11.2026'], problem: 'a day is not YYYY-MM-DD' },
    { path: 'kinds', value: [], problem: 'kinds is not a mapping' },
    { path: 'kinds.API', value: null, problem: 'kinds.API is not a mapping' },
    { path: 'kinds.API.resourceVersion', value: '', problem: 'a resourceVersion is empty' },
    {
      path: 'kinds.API.resourceVersion',
      value: 7,
      problem: 'a resourceVersion is not a short text',
    },
    {
      path: 'kinds.API.baseline',
      value: 0,
      problem: 'kinds.API.baseline is not one of true, false',
    },
    {
      path: 'kinds.API.watermark',
      value: '5',
      problem: 'kinds.API.watermark is not a whole number',
    },
    { path: 'kinds.API.floor', value: 2 ** 60, problem: 'kinds.API.floor is not a whole number' },
    { path: 'kinds.API.recent', value: ['a:b:c'], problem: 'a packed UID is malformed' },
    { path: 'kinds.API.recent', value: ['a:zzzzzzzz'], problem: 'a packed UID is malformed' },
    { path: 'kinds.API.recent', value: [7], problem: 'a packed UID is not a short text' },
    {
      path: 'kinds.API.recent',
      value: Array(RECENT_LIMIT + 1).fill('a:1'),
      problem: `kinds.API.recent has ${RECENT_LIMIT + 1} items`,
    },
    { path: 'kinds.API.birth', value: 5, problem: 'birth is not a mapping' },
    {
      path: 'kinds.API.birth.createdAt',
      value: null,
      problem: 'birth.createdAt is not a whole number',
    },
    {
      path: 'kinds.API.exact',
      value: 'yes',
      problem: 'kinds.API.exact is not one of true, false',
    },
    {
      path: 'kinds.API.synced',
      value: undefined,
      problem: 'kinds.API.synced is not one of true, false',
    },
    { path: 'pending', value: undefined, problem: 'pending is not a mapping' },
    {
      path: 'pending',
      value: { install: Array(PENDING_LIMIT + 101).fill('a:1') },
      problem: `pending.install has ${PENDING_LIMIT + 101} items`,
    },
    { path: 'sent', value: Array(21).fill({}), problem: 'sent has 21 items' },
    { path: 'sent', value: ['x'], problem: 'sent is not a mapping' },
  ];
  for (const { path, value, problem } of damages) {
    it(`says that ${problem} (${path})`, () => {
      assert.deepEqual(parseLedger(edited(path, value)), { found: 'damage', problem });
    });
  }

  const texts = [
    { text: '', problem: 'it is not JSON' },
    { text: '{', problem: 'it is not JSON' },
    { text: 'null', problem: 'the ledger is not a mapping' },
    { text: '[]', problem: 'the ledger is not a mapping' },
    { text: '['.repeat(400_000) + ']'.repeat(400_000), problem: 'it is nested too deeply' },
    { text: `{"a":${'{"a":'.repeat(64)}1${'}'.repeat(64)}}`, problem: 'it is nested too deeply' },
    { text: ' '.repeat(1_048_577), problem: 'it has 1048577 characters' },
  ];
  for (const { text, problem } of texts) {
    it(`says that ${problem} (${JSON.stringify(text.slice(0, 5))})`, () => {
      assert.deepEqual(parseLedger(text), { found: 'damage', problem });
    });
  }

  it('is described without any of its values', () => {
    const secret = 'a-secret-that-somebody-has-put-there';
    const text = edited('since', secret);
    assert.ok(!JSON.stringify(parseLedger(text)).includes(secret));
  });

  it('is of a newer program if its version is higher, whatever else it contains', () => {
    const text = JSON.stringify({ version: LEDGER_VERSION + 1, anything: 'else' });
    assert.deepEqual(parseLedger(text), { found: 'newer', version: LEDGER_VERSION + 1 });
  });
});

describe('a packed UID', () => {
  it('has 22 characters and unpacks to the same UID', () => {
    fc.assert(
      fc.property(fc.uuid(), (uid) => {
        assert.equal(packUid(uid).length, 22);
        assert.equal(unpackUid(packUid(uid)), uid);
      }),
    );
  });

  for (const text of ['', '2026-11-23', '0F8FAD5B-D9CB-469F-A165-70867728950E', 'x'.repeat(36)]) {
    it(`leaves "${text}" unchanged`, () => {
      assert.equal(packUid(text), text);
      assert.equal(unpackUid(text), text);
    });
  }
});

describe('the size of a ledger', () => {
  it('stays below 1 MiB when everything in it is full', (t) => {
    const uids = (count: number) => Array.from({ length: count }, () => randomUUID());
    const start = { createdAt: 4_000_000_000, resourceVersion: '9'.repeat(20) };
    const first = firstLedger(start);
    const recent = () => new Map(uids(RECENT_LIMIT).map((uid) => [uid, 4_000_000_000]));
    const full = KINDS.map((kind) => [kind, { ...first.kinds[kind], recent: recent() }]);
    const longest = CREATED.StaticRoute;
    const pending: readonly Occurrence[] = uids(PENDING_LIMIT).map((subject) => ({
      name: longest,
      subject,
      at: 4_000_000_000,
    }));
    const heartbeats: readonly Occurrence[] = Array.from({ length: 100 }, (_, index) => ({
      name: 'heartbeat',
      subject: new Date(Date.UTC(2026, 0, index)).toISOString().slice(0, 10),
      at: 4_000_000_000,
    }));
    const days = Array<string>(16).fill('2026-11-23');
    const ledger: Ledger = {
      ...first,
      heartbeat: { recorded: days, outstanding: days },
      kinds: Object.fromEntries(full),
      pending: [...pending, ...heartbeats],
      carried: {
        kinds: { Later: 'x'.repeat(131_000) },
        pending: { later: 'x'.repeat(131_000) },
      },
      cluster: CLUSTER,
      // The largest payload that can be sent has 1,900 bytes.
      sent: Array.from({ length: 20 }, () => ({ payload: 'x'.repeat(1_900) })),
    };
    const text = serializeLedger(ledger);
    const bytes = Buffer.byteLength(text);
    t.diagnostic(`${bytes} bytes, ${((100 * bytes) / 1_048_576).toFixed(1)} % of 1 MiB`);
    assert.ok(bytes < 1_048_576);
    assert.deepEqual(parseLedger(text), { found: 'ledger', ledger });
  });
});
