import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { rememberSubjects } from '../../../src/collector/store/remember-subjects.ts';
import { openStore } from '../../../src/collector/store/store.ts';
import { aBatch, anEvent, NOW } from '../setup.ts';

const DAYS = ['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23'];

/** Opens a store whose counts of subjects are counted themselves. */
function setup() {
  const store = openStore(':memory:');
  const calls = { subjects: 0 };
  const remembering = rememberSubjects({
    ...store,
    subjects(options) {
      calls.subjects++;
      return store.subjects(options);
    },
  });
  const add = (messageId: string, subject: string, day = '2026-11-20') =>
    store.record(aBatch([anEvent({ messageId, subject, timestamp: `${day}T10:00:00Z` })]), {
      receivedAt: NOW,
    });
  const clusters = (from = '2026-11-20', to = from) =>
    remembering.subjects({ source: 'kusk-gateway', name: 'heartbeat', from, to });
  return { store, calls, add, clusters };
}

describe('remembered subjects', () => {
  it('are counted again only after an event in the range', () => {
    const { calls, add, clusters } = setup();
    add('1', 'a');
    assert.deepEqual([clusters(), clusters()], [1, 1]);
    assert.equal(calls.subjects, 1);
    add('2', 'b', '2026-11-21');
    assert.equal(clusters(), 1);
    assert.equal(calls.subjects, 1);
    add('3', 'c');
    assert.equal(clusters(), 2);
    assert.equal(calls.subjects, 2);
  });

  it('are those of the store for any events and questions in any order', () => {
    const day = fc.constantFrom(...DAYS);
    const step = fc.record({
      id: fc.nat(40),
      subject: fc.constantFrom('a', 'b', 'c', 'd'),
      day,
      range: fc.tuple(day, day).map((days) => days.toSorted()),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { store, add, clusters } = setup();
        for (const { id, subject, day, range } of steps) {
          add(`m-${id}`, subject, day);
          const [from = '', to = ''] = range;
          const options = { source: 'kusk-gateway', name: 'heartbeat', from, to } as const;
          assert.equal(clusters(from, to), store.subjects(options));
        }
        store.close();
      }),
      { numRuns: 100, seed: 20_261_126 },
    );
  });
});
