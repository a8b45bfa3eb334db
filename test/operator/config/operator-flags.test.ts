import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOperatorFlags } from '../../../src/operator/config/operator-flags.ts';

describe('the flags of the operator', () => {
  it('are all optional', () => {
    assert.deepEqual({ ...parseOperatorFlags([]) }, { 'opt-out': [] });
  });

  it('can name one configuration file and any number of opt-outs', () => {
    const args = ['--config', 'a.yaml', '--opt-out=b', '--opt-out', 'c'];
    assert.deepEqual({ ...parseOperatorFlags(args) }, { config: 'a.yaml', 'opt-out': ['b', 'c'] });
  });

  it('have a short one for help', () => {
    assert.equal(parseOperatorFlags(['-h']).help, true);
    assert.equal(parseOperatorFlags(['--preview']).preview, true);
  });

  for (const args of [['--what'], ['--config'], ['word'], ['--preview=yes']]) {
    it(`lead to --help if they are wrong: ${args.join(' ')}`, () => {
      assert.throws(() => parseOperatorFlags(args), /\nSee kusk-gateway --help\.$/);
    });
  }
});
