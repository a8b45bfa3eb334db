import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions, SECTIONS } from '../../../lab/bench/options.ts';
import { UsageError } from '../../../lab/support/usage-error.ts';

describe('the command line of the bench', () => {
  it('measures everything, at full size, where it says nothing', () => {
    const events = { sqlite: 10_000_000, clickhouse: 10_000_000 };
    const options = { quick: false, restSeconds: 300, events, sections: SECTIONS };
    assert.deepEqual(parseOptions([]), options);
  });

  it('may ask for sections, a quick look and a time at rest', () => {
    const events = { sqlite: 100_000, clickhouse: 100_000 };
    const quick = { quick: true, restSeconds: 15, events, sections: ['rest', 'sync'] };
    assert.deepEqual(parseOptions(['rest', '--quick', 'sync']), quick);
    const longer = { quick: true, restSeconds: 600, events, sections: ['rest'] };
    assert.deepEqual(parseOptions(['rest', '--quick', '--rest', '600']), longer);
  });

  it('may ask for a number of events in each store', () => {
    const args = ['store', '--events', '5000', '--clickhouse-events', '0'];
    assert.deepEqual(parseOptions(args), {
      quick: false,
      restSeconds: 300,
      events: { sqlite: 5_000, clickhouse: 0 },
      sections: ['store'],
    });
  });

  it('may ask for help, or for the drawings only', () => {
    assert.equal(parseOptions(['-h']), 'help');
    assert.equal(parseOptions(['--draw']), 'draw');
  });

  const wrong = [
    {
      args: ['speed'],
      message:
        /no section "speed", only start, burst, sync, memory, applied, many, rest, recovery, collector, store, cli, dashboard\.$/,
    },
    { args: ['--rest', 'long'], message: /^--rest must be .* not "long"\.$/ },
    { args: ['--rest', '0'], message: /^--rest must be a number of seconds from 1 to 99999/ },
    { args: ['--events', '1e6'], message: /^A number of events must be 0, .* not "1e6"\.$/ },
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
