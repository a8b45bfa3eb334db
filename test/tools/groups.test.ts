import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../../lab/support/root.ts';
import { testFiles } from '../../tools/test/files.ts';
import { groupTests, UNCOVERED } from '../../tools/test/groups.ts';

const inTest = (...names: readonly string[]) => names.map((name) => join(ROOT, 'test', name));

describe('the groups of tests', () => {
  it('are those that mirror src/, and all others', async () => {
    const unit = inTest('event.test.ts', 'record/ledger.test.ts', 'collector/store/store.test.ts');
    const whole = inTest('e2e/off.test.ts', 'charts/record/any.test.ts', 'tools/docs.test.ts');
    assert.deepEqual(await groupTests([...whole, ...unit]), { unit, whole });
  });

  it('are not units where no coverage is taken from a file of a room', async () => {
    assert.deepEqual(await groupTests(UNCOVERED), { unit: [], whole: UNCOVERED });
    await Promise.all(UNCOVERED.map((file) => access(file)));
  });

  it('have hooks of units inside of a describe only, since they share a process', async () => {
    const { unit } = await groupTests(await testFiles([join(ROOT, 'test')]));
    const texts = await Promise.all(unit.map((file) => readFile(file, 'utf8')));
    const outside = unit.filter((_, index) => /^(before|after)(Each)?\(/m.test(texts[index] ?? ''));
    assert.deepEqual(outside, []);
  });
});
