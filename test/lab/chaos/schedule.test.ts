import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FAULTS, faultsNamed } from '../../../lab/chaos/faults/all.ts';
import { commandOf, parseOptions } from '../../../lab/chaos/options.ts';
import { schedule } from '../../../lab/chaos/schedule.ts';
import { UsageError } from '../../../lab/support/usage-error.ts';

describe('a schedule of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    const [one, again, other] = [7, 7, 8].map((seed) => schedule(FAULTS, { faults: 100, seed }));
    assert.deepEqual(one, again);
    assert.notDeepEqual(one, other);
  });

  it('holds every fault by its weight before one comes more often', () => {
    const faults = FAULTS.reduce((sum, { weight }) => sum + weight, 0);
    const names = schedule(FAULTS, { faults, seed: 1 }).map(({ name }) => name);
    for (const { name, weight } of FAULTS) {
      assert.equal(names.filter((one) => one === name).length, weight, name);
    }
  });

  it('assigns each fault to a lane and a time of its own kind', () => {
    for (const { name, lane, lastsMs, choice } of schedule(FAULTS, { faults: 300, seed: 3 })) {
      const fault = FAULTS.find((one) => one.name === name) ?? assert.fail();
      const [least, most] = fault.lastsMs;
      assert.ok(fault.lanes.includes(lane), lane);
      assert.ok(lastsMs >= least && lastsMs <= most, name);
      assert.ok(choice >= 0 && choice < 1);
    }
  });

  it('is drawn from faults of different names', () => {
    assert.equal(new Set(FAULTS.map(({ name }) => name)).size, FAULTS.length);
  });
});

describe('the faults that --only names', () => {
  it('are those whose name contains one of the texts', () => {
    const names = faultsNamed(['SIGTERM', 'etcd']).map(({ name }) => name);
    assert.deepEqual(names, ['SIGTERM', 'etcd restarted', 'etcd restored from a backup']);
    assert.equal(faultsNamed([]), FAULTS);
  });

  it('are listed where a text fits none', () => {
    assert.throws(
      () => faultsNamed(['SIGTERM', 'SIGTURM']),
      (error) => error instanceof UsageError && /"SIGTURM".*\n {2}SIGKILL\n/s.test(error.message),
    );
  });
});

describe('the options of a chaos run', () => {
  const randomSeed = () => 42;

  it('have a size by default and a seed by the dice', () => {
    const options = parseOptions([], { randomSeed });
    assert.deepEqual(options, { faults: 60, creations: 1_200, seed: 42, only: [] });
  });

  it('are said as the command that plays it again', () => {
    const args = ['--faults', '3', '--creations', '5', '--seed', '9'];
    const options = parseOptions([...args, '--only', 'CRD deleted'], { randomSeed });
    assert.ok(options !== 'help');
    assert.equal(commandOf(options), `npm run chaos -- ${args.join(' ')} --only 'CRD deleted'`);
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--faults', 'many'], /^--faults must be a whole number .* not "many"\.$/],
    [['--seed', '-1'], /--seed/],
    [['--creations', '1.5'], /^--creations must be a whole number/],
    [['--fault', '1'], /--fault/],
    [['20'], /20/],
  ];
  for (const [args, message] of wrong) {
    it(`are refused in plain words: ${args.join(' ')}`, () => {
      assert.throws(
        () => parseOptions(args, { randomSeed }),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }
});
