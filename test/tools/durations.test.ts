import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { durationLines, slowest, timed } from '../../tools/test/durations.ts';
import { LONGEST, longestFirst } from '../../tools/test/order.ts';

describe('the durations that npm test prints', () => {
  it('are aligned seconds, in the order given', () => {
    const durations = [
      { name: 'check', ms: 9_940 },
      { name: 'tests', ms: 512_345 },
    ];
    assert.deepEqual(durationLines(durations), ['    9.9 s  check', '  512.3 s  tests']);
    assert.deepEqual(durationLines([]), []);
  });

  it('name the slow files, slowest first, and add up the others', () => {
    const files = [
      { name: 'a', ms: 250 },
      { name: 'b', ms: 1_000 },
      { name: 'c', ms: 3_000 },
      { name: 'd', ms: 500 },
    ];
    assert.deepEqual(slowest(files, { leastMs: 1_000 }), [
      { name: 'c', ms: 3_000 },
      { name: 'b', ms: 1_000 },
      { name: '2 files of less than 1 s each, together', ms: 750 },
    ]);
    const [, , slow] = files;
    assert.deepEqual(slowest(slow ? [slow] : [], { leastMs: 1_000 }), [slow]);
  });

  it('are those of the task, whose result is kept and whose error is rethrown', async () => {
    const { result, duration } = await timed('part', async () => 'result');
    assert.equal(result, 'result');
    assert.equal(duration.name, 'part');
    assert.ok(duration.ms >= 0);
    await assert.rejects(
      timed('part', () => Promise.reject(new Error('failed'))),
      /failed/,
    );
  });
});

describe('the order of the test files', () => {
  it('is the longest first, then as it was', () => {
    const [first = '', second = ''] = LONGEST;
    const files = ['/a.test.ts', second, '/b.test.ts', first];
    assert.deepEqual(longestFirst(files), [first, second, '/a.test.ts', '/b.test.ts']);
  });

  it('names files that exist', async () => {
    await Promise.all(LONGEST.map((file) => access(file)));
  });
});
