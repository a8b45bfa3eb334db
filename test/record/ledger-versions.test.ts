import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KINDS } from '../../src/event.ts';
import { DAYS_KEPT } from '../../src/record/heartbeat.ts';
import { baselineAtNextList } from '../../src/record/kind-ledger.ts';
import {
  everyKind,
  type Ledger,
  restartConsent,
  withdrawConsent,
} from '../../src/record/ledger.ts';
import { parseLedger, serializeLedger } from '../../src/record/ledger-json.ts';
import { openRecorder } from '../../src/record/recorder.ts';
import { ledger } from './arbitrary.ts';
import { readLedger as readLedger010 } from './fixtures/reader-0.1.0.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const CLUSTER = 'ab'.repeat(32);
const LATER = '2026-12-01T00:00:00.000Z';

const fixture = (state: string) =>
  JSON.parse(readFileSync(join(FIXTURES, `version-1-${state}.json`), 'utf8'));

function read(content: unknown): Ledger {
  const reading = parseLedger(JSON.stringify(content));
  assert.equal(reading.found, 'ledger', JSON.stringify(reading));
  return reading.found === 'ledger' ? reading.ledger : assert.fail();
}

const written = (one: Ledger) => JSON.parse(serializeLedger(one));

/** Returns what the operator writes after it has opened the ledger. */
const reopened = (one: Ledger) =>
  written(openRecorder(one, { clusterId: CLUSTER, onChange: () => undefined }).ledger());

describe('a ledger of an older version', () => {
  const states = readdirSync(FIXTURES).filter((name) => name.endsWith('.json'));
  assert.ok(states.length >= 6);
  for (const name of states) {
    it(`is read without loss: ${name}`, () => {
      const content = JSON.parse(readFileSync(join(FIXTURES, name), 'utf8'));
      const one = read(content);
      assert.equal(one.cluster, undefined);
      assert.deepEqual(written(one), content);
    });
  }

  it('belongs to the cluster in which it is opened', () => {
    assert.equal(reopened(read(fixture('settled'))).cluster, CLUSTER);
  });

  it('lacks a kind that is counted now: the next list of that kind is not counted', () => {
    for (const kind of KINDS) {
      const content = fixture('pending');
      const { [kind]: _, ...kinds } = content.kinds;
      const one = read({ ...content, kinds });
      assert.deepEqual(one.kinds[kind], baselineAtNextList());
      const others = KINDS.filter((other) => other !== kind);
      for (const other of others) {
        assert.deepEqual(written(one).kinds[other], content.kinds[other]);
      }
      assert.deepEqual(written(one).pending, content.pending);
      assert.equal(one.installed, true);
    }
  });
});

describe('a ledger of a newer version, after a rollback', () => {
  const route = { resourceVersion: '9', recent: ['a:1'], anything: { more: [1, null] } };
  const laterPending = { 'route-created': ['D4-tW9nLRp-hZXCGdygQAw:toydvz'] };
  const content = () => {
    const before = fixture('pending');
    return { ...before, kinds: { ...before.kinds, Route: route }, laterPending };
  };

  it('keeps an unknown kind and its pending events unchanged', () => {
    const { kinds, pending, laterPending: later } = reopened(read(content()));
    assert.deepEqual(kinds.Route, route);
    assert.deepEqual(later, laterPending);
    assert.deepEqual(pending, content().pending);
  });

  it('sends no unknown events', () => {
    const recorder = openRecorder(read(content()), {
      clusterId: CLUSTER,
      onChange: () => undefined,
    });
    assert.deepEqual(
      recorder.pending(100).filter(({ name }) => String(name) === 'route-created'),
      [],
    );
    assert.ok(recorder.unacknowledged() > 0);
  });

  it('keeps unknown pending events also among the known ones', () => {
    const before = fixture('pending');
    const one = read({ ...before, pending: { ...before.pending, ...laterPending } });
    assert.deepEqual(reopened(one).laterPending, laterPending);
    assert.deepEqual(reopened(one).pending, before.pending);
  });

  it('drops both when consent ends or begins: they belong to the previous consent', () => {
    for (const change of [withdrawConsent, restartConsent]) {
      const after = written(change(read(content()), LATER));
      assert.deepEqual(Object.keys(after.kinds), [...KINDS]);
      assert.equal(after.laterPending, undefined);
    }
  });

  it('has a bounded size: members that do not fit are dropped, and the others are kept', () => {
    const before = content();
    const huge = { text: 'ü'.repeat(100_000) };
    const one = read({
      ...before,
      kinds: { Huge: huge, ...before.kinds, Other: huge },
      laterPending: { ...laterPending, 'huge-created': [huge] },
    });
    const after = reopened(one);
    assert.deepEqual(new Set(Object.keys(after.kinds)), new Set([...KINDS, 'Route']));
    assert.deepEqual(after.laterPending, laterPending);
  });

  it('is damaged if a part is nested too deeply to be written back', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const text = JSON.stringify(content()).replace('"Route":{', `"Route":{"deep":${deep},`);
    assert.deepEqual(parseLedger(text), { found: 'damage', problem: 'it is nested too deeply' });
  });

  it('is damaged if `laterPending` is not a mapping', () => {
    assert.deepEqual(parseLedger(JSON.stringify({ ...content(), laterPending: [] })), {
      found: 'damage',
      problem: 'laterPending is not a mapping',
    });
  });
});

/** Returns the part of a ledger that version 0.1.0 reads, under its names. */
function asOf010({ cluster: _, carried: _carried, heartbeat, ...known }: Ledger) {
  const { recorded: told, outstanding: untold } = heartbeat;
  const kinds = everyKind((kind) => {
    const {
      consentStart: birth,
      snapshotTaken: exact,
      baselineAt: _at,
      earlier: _earlier,
      ...rest
    } = known.kinds[kind];
    return { ...rest, birth, exact };
  });
  return { ...known, heartbeat: { told, untold }, kinds };
}

describe('a ledger of this version, read by version 0.1.0 after a rollback', () => {
  it('is read with every member of version 0.1.0', () => {
    fc.assert(
      fc.property(ledger, (one) => {
        assert.deepEqual(readLedger010(serializeLedger(one)), {
          found: 'ledger',
          ledger: asOf010(one),
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is read by a reader that accepts the fixtures and refuses damage', () => {
    assert.equal(readLedger010(JSON.stringify(fixture('pending'))).found, 'ledger');
    assert.equal(readLedger010(JSON.stringify({ ...fixture('off'), kinds: {} })).found, 'damage');
  });

  it('has no more days than version 0.1.0 accepts', () => {
    const days = Array<string>(DAYS_KEPT).fill('2026-11-23');
    const heartbeat = { told: days, untold: days };
    const text = JSON.stringify({ ...fixture('settled'), heartbeat });
    assert.equal(readLedger010(text).found, 'ledger');
    assert.equal(parseLedger(text).found, 'ledger');
  });
});

describe('the cluster that a ledger names', () => {
  for (const cluster of [7, '', 'AB'.repeat(32), 'ab'.repeat(31), `${CLUSTER}\n`, null]) {
    it(`is not a hash: ${JSON.stringify(cluster)}`, () => {
      const reading = parseLedger(JSON.stringify({ ...fixture('first'), cluster }));
      assert.equal(reading.found, 'damage');
    });
  }

  it('is kept when consent ends', () => {
    const one = read({ ...fixture('settled'), cluster: CLUSTER });
    assert.equal(written(withdrawConsent(one, LATER)).cluster, CLUSTER);
    assert.equal(written(restartConsent(one, LATER)).cluster, CLUSTER);
  });
});
