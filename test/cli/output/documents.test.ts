import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { jsonText, writeDocument, yamlText } from '../../../src/cli/output/documents.ts';
import { recordingTerminal } from '../context.ts';

const HOSTILE = { a: '\u001b[31m', b: '\u009b1m\u202e', '\u202ek': ['x\ny', '\u2028', 'on', ''] };
/** All but the line break, which ends the lines of a document. */
const ACTED_ON = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

describe('a document', () => {
  const cases = [
    { format: 'json', text: '{\n  "a": 1\n}\n' },
    { format: 'yaml', text: 'a: 1\n' },
    { format: 'text', text: 'a is 1\n' },
    { format: undefined, text: 'a is 1\n' },
  ];
  for (const { format, text } of cases) {
    it(`is printed as ${format ?? 'text by default'}`, () => {
      const terminal = recordingTerminal();
      writeDocument({ a: 1 }, { format, terminal, text: ({ a }) => `a is ${a}\n` });
      assert.equal(terminal.text(), text);
    });
  }

  it('holds the same value, and nothing that a terminal acts on', () => {
    for (const [text, read] of [
      [jsonText(HOSTILE), JSON.parse],
      [yamlText(HOSTILE), load],
    ] as const) {
      assert.doesNotMatch(text, ACTED_ON);
      assert.deepEqual(read(text), HOSTILE);
    }
  });

  it('does so for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const [json, yaml] = [jsonText({ value }), yamlText({ value })];
        assert.deepEqual(JSON.parse(json), { value });
        for (const text of [json, yaml]) assert.doesNotMatch(text, ACTED_ON);
        assert.deepEqual(load(yaml), { value });
      }),
    );
  });
});
