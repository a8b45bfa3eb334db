import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { styled, wantsColors } from '../../../src/cli/output/colors.ts';

describe('colours', () => {
  const cases = [
    { environment: {}, isTerminal: true, colors: true },
    { environment: {}, isTerminal: false, colors: false },
    { environment: { NO_COLOR: '1' }, isTerminal: true, colors: false },
    { environment: { NO_COLOR: '' }, isTerminal: true, colors: true },
    { environment: { FORCE_COLOR: '1' }, isTerminal: false, colors: true },
    { environment: { FORCE_COLOR: '' }, isTerminal: false, colors: true },
    { environment: { FORCE_COLOR: '0' }, isTerminal: true, colors: false },
    { environment: { FORCE_COLOR: 'false' }, isTerminal: true, colors: false },
    { environment: { FORCE_COLOR: '1', NO_COLOR: '1' }, isTerminal: true, colors: true },
    { environment: { TERM: 'dumb' }, isTerminal: true, colors: false },
  ];
  for (const { environment, isTerminal, colors } of cases) {
    const title = `${JSON.stringify(environment)} ${isTerminal ? 'at a terminal' : 'in a file'}`;
    it(`are ${colors ? 'on' : 'off'} with ${title}`, () => {
      assert.equal(wantsColors({ environment, isTerminal, noColor: false }), colors);
      assert.equal(wantsColors({ environment, isTerminal, noColor: true }), false);
    });
  }

  it('are printed only where the terminal has them', () => {
    assert.equal(styled('x', { style: 'red', terminal: { colors: false } }), 'x');
    assert.equal(
      styled('x', { style: 'red', terminal: { colors: true } }),
      '\u001b[31mx\u001b[39m',
    );
  });
});
