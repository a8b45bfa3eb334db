import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { performStep, type Step } from '../../tools/lint/perform-step.ts';

async function performed(result: Awaited<ReturnType<Step['perform']>>, isStrict: boolean) {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const step: Step = {
    title: 'words',
    async perform() {
      clock.ms += 1500;
      return result;
    },
  };
  const options = { isStrict, now: () => clock.ms, log: (line: string) => lines.push(line) };
  return [await performStep(step, options), lines.join('\n')];
}

describe('a step of npm run check', () => {
  it('is good if its program ends with 0', async () => {
    const result = { code: 0, output: 'all is well' };
    assert.deepEqual(await performed(result, true), [true, 'ok      words (1.5 s)']);
  });

  it('fails with what its program wrote', async () => {
    const result = { code: 2, output: 'a.md:1: clutser' };
    const expected = [false, 'FAILED  words (1.5 s)\na.md:1: clutser'];
    assert.deepEqual(await performed(result, false), expected);
  });

  it('is skipped, with the reason, if its program cannot be had', async () => {
    const expected = [true, 'SKIPPED words\nthere is no pip'];
    assert.deepEqual(await performed({ unavailable: 'there is no pip' }, false), expected);
  });

  it('fails in CI if its program cannot be had', async () => {
    const expected = [false, 'FAILED  words\nthere is no pip'];
    assert.deepEqual(await performed({ unavailable: 'there is no pip' }, true), expected);
  });
});
