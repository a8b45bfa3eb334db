import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions, SECTIONS } from '../../../lab/bench/options.ts';
import { UsageError } from '../../../lab/support/usage-error.ts';

describe('the command line of the bench', () => {
  it('measures everything, at full size, where it says nothing', () => {
    const options = { quick: false, restSeconds: 300, sections: SECTIONS };
    assert.deepEqual(parseOptions([]), options);
  });

  it('may ask for sections, a quick look and a time at rest', () => {
    const quick = { quick: true, restSeconds: 15, sections: ['rest', 'sync'] };
    assert.deepEqual(parseOptions(['rest', '--quick', 'sync']), quick);
    const longer = { quick: false, restSeconds: 600, sections: ['rest'] };
    assert.deepEqual(parseOptions(['rest', '--rest', '600']), longer);
  });

  it('may ask for help, or for the drawings only', () => {
    assert.equal(parseOptions(['-h']), 'help');
    assert.equal(parseOptions(['--draw']), 'draw');
  });

  const wrong = [
    {
      args: ['speed'],
      message:
        /no section "speed", only start, burst, sync, memory, applied, many, rest, recovery, collector, cli, dashboard\.$/,
    },
    { args: ['--rest', 'long'], message: /^--rest must be .* not "long"\.$/ },
    { args: ['--rest', '0'], message: /^--rest must be a number of seconds from 1 to 99999/ },
    { args: ['--fast'], message: /--fast/ },
  ];
  for (const { args, message } of wrong) {
    it(`refuses ${args.join(' ')} and says what to write`, () => {
      const refusal = (error: unknown) =>
        error instanceof UsageError && message.test(error.message);
      assert.throws(() => parseOptions(args), refusal);
    });
  }
});
