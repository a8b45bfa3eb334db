/** `npm run check`: format, lint, types, generated pages. `--fix` (`npm run fix`) first repairs what it can. */

import { join } from 'node:path';
import { ROOT } from '../lab/support/root.ts';
import { run } from '../lab/support/run.ts';

interface Step {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
}

const bin = (name: string) => join(ROOT, 'node_modules/.bin', name);
const docs = join(ROOT, 'tools/docs.ts');
const chart = join(ROOT, 'tools/chart.ts');

const CHECKS: readonly Step[] = [
  {
    title: 'format and lint',
    command: bin('biome'),
    args: ['ci', '--colors=off', '--error-on-warnings', '.'],
  },
  { title: 'types', command: bin('tsc'), args: ['-p', '.'] },
  { title: 'generated pages', command: process.execPath, args: [docs, '--check'] },
  { title: 'chart and deploy/', command: process.execPath, args: [chart, '--check'] },
];

const FIXES: readonly Step[] = [
  { title: 'format and lint', command: bin('biome'), args: ['check', '--write', '.'] },
  { title: 'generated pages', command: process.execPath, args: [docs] },
  { title: 'chart and deploy/', command: process.execPath, args: [chart] },
];

/** Runs a step, prints its result and returns whether it passed. */
async function perform({ title, command, args }: Step): Promise<boolean> {
  const startedAt = performance.now();
  const { code, output } = await run(command, args);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const isGood = code === 0;
  console.log(
    `${isGood ? 'ok    ' : 'FAILED'} ${title} (${seconds} s)${isGood ? '' : `\n${output}`}`,
  );
  return isGood;
}

if (process.argv.includes('--fix')) {
  for (const step of FIXES) await perform(step);
}
const results = await Promise.all(CHECKS.map(perform));
if (results.includes(false)) process.exitCode = 1;
