import { join } from 'node:path';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';
import { type FileCoverage, judge } from './coverage.ts';
import { unloaded } from './unloaded.ts';

const LEAST_PERCENT = 90;

/** What is decided there cannot be taken back: whether an event leaves, and which. */
const STRICT = [join(ROOT, 'src/record/'), join(ROOT, 'src/event.ts')];

/** Whether a run of all tests has covered enough of `src/`, and a line for each thing to say of it. */
export async function gate(
  loaded: readonly FileCoverage[],
): Promise<{ readonly isEnough: boolean; readonly lines: readonly string[] }> {
  const sources = await filesIn(ROOT, 'src/**/*.ts');
  const files = [...loaded, ...(await unloaded(sources, { loaded }))];
  const isStrict = (path: string) => STRICT.some((start) => path.startsWith(start));
  const { summary, problems } = judge(files, { isStrict, least: LEAST_PERCENT });
  const relative = problems.map((problem) => `  ${problem.replace(`${ROOT}/`, '')}`);
  return {
    isEnough: problems.length === 0,
    lines: [`coverage of src/: ${summary}`, ...relative],
  };
}
