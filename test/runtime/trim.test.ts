import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { trimmed } from '../../src/runtime/trim.ts';

const blanks = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\0', '\u200B', '\uFEFF') });
const core = fc.stringMatching(/^[a-z](?:[a-z "'\n]*[a-z])?$/);

describe('trimmed', () => {
  it('has no blanks, and no pair of quotes, around the text', () => {
    fc.assert(
      fc.property(
        blanks,
        core,
        blanks,
        fc.constantFrom('', '"', "'"),
        (before, text, after, quote) => {
          assert.equal(trimmed(`${before}${quote}${before}${text}${after}${quote}${after}`), text);
        },
      ),
    );
  });

  it('takes linear time: a megabyte of blanks within a text', () => {
    const text = `a${' '.repeat(1_000_000)}b`;
    assert.equal(trimmed(` ${text} `), text);
  });
});
