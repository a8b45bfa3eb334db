import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { yamlOf } from '../../../src/cli/output/yaml.ts';

describe('a value as YAML', () => {
  const cases: readonly (readonly [value: unknown, yaml: string])[] = [
    [{ a: 1, b: true, c: null, d: undefined }, 'a: 1\nb: true\nc: null'],
    [{ a: { b: { c: 'x' } } }, 'a:\n  b:\n    c: x'],
    [{ a: [1, 'x'] }, 'a:\n  - 1\n  - x'],
    [[{ a: 1, b: 2 }, { c: [3] }], '- a: 1\n  b: 2\n- c:\n    - 3'],
    [[[1, 2], []], '- - 1\n  - 2\n- []'],
    [{ a: {}, b: [] }, 'a: {}\nb: []'],
    [{}, '{}'],
    [[], '[]'],
    ['text', 'text'],
    [{ image: 'registry/a/b:0.1.0' }, 'image: registry/a/b:0.1.0'],
    [
      { a: 'one two', b: 'a: b', c: 'a #b', d: '- a' },
      'a: one two\nb: "a: b"\nc: "a #b"\nd: "- a"',
    ],
    [
      { a: 'true', b: 'No', c: '1', d: '', e: '2026-01-01' },
      'a: "true"\nb: "No"\nc: "1"\nd: ""\ne: "2026-01-01"',
    ],
    [{ a: 'x\ny', 'b c': 1, 'd: e': 1, '': 1 }, 'a: "x\\ny"\nb c: 1\n"d: e": 1\n"": 1'],
    [{ a: '[]', b: '{}' }, 'a: "[]"\nb: "{}"'],
  ];
  for (const [value, yaml] of cases) {
    it(`is written: ${JSON.stringify(value)}`, () => assert.equal(yamlOf(value), yaml));
  }

  it('is the same value when it is read again, as YAML 1.2 and 1.1', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string(), words());
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(
          text.filter((key) => key !== '__proto__' && key !== '<<'),
          tie('any'),
          { maxKeys: 4, noNullPrototype: true },
        ),
      ),
    })).any;
    fc.assert(
      fc.property(value, (one) => {
        const yaml = yamlOf(one);
        assert.deepEqual(load(yaml), one);
        assert.deepEqual(load(yaml, { schema: YAML11_SCHEMA }), one);
      }),
      { numRuns: 500 },
    );
  });
});

/** Texts that look like something else. */
function words() {
  return fc.constantFrom(
    ...['yes', 'Off', 'null', '~', '1e3', '0x1f', '1_000', '.inf', '.5', '-', '?', ':', '#', '&a'],
    ...[
      '*a',
      '!t',
      '|',
      '>',
      '%',
      '@',
      '`',
      "'",
      '"',
      'a:',
      'a: b',
      'a #',
      'a ',
      ' a',
      '---',
      '...',
    ],
    ...['<<', '=', '12:30:45', '2026-01-01', '{}', '[]', 'a\tb', 'N', 'NaN', 'a, b', 'http://a/b'],
  );
}
