/**
 * `npm run check`: format, lint, types, generated pages, workflows, words and links. `--fix` (`npm run fix`)
 * first repairs what it can.
 *
 * A step whose program can't be had on this machine is skipped, and says why. With the variable `CI` it fails.
 */

import { join } from 'node:path';
import { ROOT } from '../lab/support/root.ts';
import { run } from '../lab/support/run.ts';
import { UNAVAILABLE } from './chart/unavailable.ts';
import { performStep, type Step } from './lint/perform-step.ts';
import { LINT_STEPS } from './lint/steps.ts';

const bin = (name: string) => join(ROOT, 'node_modules/.bin', name);
const docs = join(ROOT, 'tools/docs.ts');
const chart = join(ROOT, 'tools/chart.ts');

const CHECKS: readonly Step[] = [
  step('format and lint', bin('biome'), ['ci', '--colors=off', '--error-on-warnings', '.']),
  step('types', bin('tsc'), ['-p', '.']),
  step('generated pages', process.execPath, [docs, '--check']),
  step('chart and deploy/', process.execPath, [chart, '--check']),
  ...LINT_STEPS,
];

const FIXES: readonly Step[] = [
  step('format and lint', bin('biome'), ['check', '--write', '.']),
  step('generated pages', process.execPath, [docs]),
  step('chart and deploy/', process.execPath, [chart]),
];

function step(title: string, command: string, args: readonly string[]): Step {
  return {
    title,
    async perform() {
      const ran = await run(command, args);
      return ran.code === UNAVAILABLE ? { unavailable: ran.output } : ran;
    },
  };
}

const options = {
  isStrict: Boolean(process.env.CI),
  log: console.log,
  now: () => performance.now(),
};
if (process.argv.includes('--fix')) {
  for (const fix of FIXES) await performStep(fix, options);
}
const results = await Promise.all(CHECKS.map((check) => performStep(check, options)));
if (results.includes(false)) process.exitCode = 1;
