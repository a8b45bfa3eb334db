import { readFile } from 'node:fs/promises';
import { filesIn } from '../../lab/support/files-in.ts';

/** The checkers of objects that know exceptions. */
export type Checker = 'kube-score' | 'checkov';

/**
 * Returns what a chart's templates except from a checker, as the checker's flags.
 *
 * An exception is a line in a comment beside what it is about: checker, flag, colon, reason.
 */
export async function exceptionsIn(chart: string, checker: Checker): Promise<readonly string[]> {
  const files = await filesIn(chart, 'templates/**/*.{yaml,tpl}');
  const texts = await Promise.all(files.map((path) => readFile(path, 'utf8')));
  const lines = texts.flatMap((text) => [
    ...text.matchAll(new RegExp(`^\\s*${checker} (--\\S+): \\S.*$`, 'gm')),
  ]);
  return lines.map(([, flag = '']) => flag);
}
