import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isNestedDeeper } from '../../../src/collector/ingest/nesting.ts';

function levelsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(levelsOf));
}

/** Strings that could be taken for the end of a string, or for brackets. */
const confusing = fc.string({ unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', 'é', '\n') });
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 6 },
    fc.oneof(confusing, fc.integer(), fc.constant(null)),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(confusing, tie('json'), { maxKeys: 3 }),
  ),
}));

describe('nesting', () => {
  it('is that of the parsed text', () => {
    fc.assert(
      fc.property(json, fc.nat({ max: 8 }), (value, levels) => {
        const text = Buffer.from(JSON.stringify(value));
        assert.equal(isNestedDeeper(text, levels), levelsOf(value) > levels);
      }),
    );
  });

  it('ends with a string that does not end', () => {
    for (const text of ['"', '["', '["\\', '["\\"[[[']) {
      assert.equal(isNestedDeeper(Buffer.from(text), 1), false);
    }
  });
});
