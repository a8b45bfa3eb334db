import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { table } from '../../../src/cli/output/table.ts';
import { wrap, wrapText } from '../../../src/cli/output/wrap.ts';

describe('a table', () => {
  it('aligns its columns', () => {
    const text = table(
      [
        ['Role', 'created'],
        ['Deployment', 'unchanged'],
      ],
      {
        columns: 80,
        heads: ['KIND', 'RESULT'],
      },
    );
    assert.equal(text, 'KIND        RESULT\nRole        created\nDeployment  unchanged');
  });

  it('wraps its last column', () => {
    const text = table([['a', 'one two three four five six seven']], { columns: 25, indent: 2 });
    assert.equal(text, '  a  one two three four\n     five six seven');
  });

  it('does not make the last column narrower than a few words', () => {
    const text = table([['a'.repeat(30), 'one two three four']], { columns: 30 });
    assert.equal(text, `${'a'.repeat(30)}  one two three four`);
  });

  it('has cells that a terminal can show', () => {
    assert.equal(table([['\u001b[2J', 'x\ny']], { columns: 80 }), '\\u001b[2J  x\\ny');
  });

  it('may have one column, or nothing', () => {
    assert.equal(table([['a'], ['b']], { columns: 80 }), 'a\nb');
    assert.equal(table([], { columns: 80 }), '');
  });
});

describe('a wrapped paragraph', () => {
  it('breaks between words', () => {
    assert.deepEqual(wrap('one two three', { width: 7 }), ['one two', 'three']);
  });

  it('keeps a long word whole', () => {
    assert.deepEqual(wrap('a https://long.example b', { width: 5 }), [
      'a',
      'https://long.example',
      'b',
    ]);
  });

  it('keeps the lines of a text apart', () => {
    assert.equal(wrapText('one two\n\nthree', { width: 4 }), 'one\ntwo\n\nthree');
  });
});
