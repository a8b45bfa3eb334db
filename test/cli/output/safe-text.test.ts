import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { safeLines, safeText } from '../../../src/cli/output/safe-text.ts';

describe('text for a terminal', () => {
  const cases = [
    { title: 'a colour', text: '\u001b[31mred', safe: '\\u001b[31mred' },
    { title: 'a window title', text: '\u001b]0;x\u0007', safe: '\\u001b]0;x\\u0007' },
    { title: 'C1', text: '\u009b31m', safe: '\\u009b31m' },
    { title: 'DEL', text: 'a\u007f', safe: 'a\\u007f' },
    { title: 'line breaks', text: 'a\nb\r\tc', safe: 'a\\nb\\r\\tc' },
    { title: 'an override of direction', text: 'a\u202eb', safe: 'a\\u202eb' },
    { title: 'an isolate', text: '\u2066x\u2069', safe: '\\u2066x\\u2069' },
    { title: 'half a character', text: 'a\ud800b', safe: 'a\\ud800b' },
  ];
  for (const { title, text, safe } of cases) {
    it(`has ${title} escaped`, () => assert.equal(safeText(text), safe));
  }

  it('keeps what people write', () => {
    const text = 'Grüße, 测试, 👩‍🚀, שלום, a\\nb';
    assert.equal(safeText(text), text);
  });

  it('keeps line breaks if asked to', () => {
    assert.equal(safeLines('a\n\u001bb\n'), 'a\n\\u001bb\n');
  });

  it('never has a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(safeText(text), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});
