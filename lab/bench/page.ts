import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/root.ts';
import { REASONS } from './reasons.ts';
import { type Results, readResults } from './results.ts';
import { chart } from './svg.ts';
import { table } from './table.ts';

/** What was measured before the work on it. It stays as it is. */
const BEFORE = join(ROOT, 'lab/bench/before.json');

export const TITLES: Readonly<Record<string, string>> = {
  sync: 'First sync',
  memory: 'Memory',
  applied: 'Large APIs by kubectl apply',
  many: 'Many small resources',
  burst: 'A burst of creations',
  rest: 'At rest',
  recovery: 'After the API server was away',
  start: 'Start',
  collector: 'The collector beside hostile senders',
  store: "The collector's stores",
  cli: 'The command line tool',
  dashboard: 'The dashboard',
};

/** The whole page, from what was measured, and what was before the work on it. */
export function page({ machine, sections }: Results, before: Results | undefined): string {
  const parts = Object.entries(TITLES).flatMap(([name, title]) => {
    const measured = sections[name];
    if (measured === undefined) {
      return [`## ${title}`, `Not yet measured at full size. ${REASONS[name] ?? ''}`];
    }
    const how = measured.quick ? ', quick: smaller than the issue says' : '';
    return [
      `## ${title}`,
      `Measured ${measured.at.slice(0, 10)}${how}. ${REASONS[name] ?? ''}`,
      `![${title}](performance/${name}.svg)`,
      table(measured.lines, before?.sections[name]?.lines),
    ];
  });
  return `${[
    '<!-- Written by npm run bench. Do not edit: lab/bench/page.ts and lab/bench/reasons.ts. -->',
    '# Performance',
    `Each line is two things measured in the same run, on ${machine}. In the drawings the coloured bar is the operator's (green: target met, red: missed, blue: none set), the grey one what it is against, the dashed stroke the target. "Before" is the ratio before the work on it, as it was first measured.`,
    ...parts,
  ].join('\n\n')}\n`;
}

export async function draw(results: Results): Promise<void> {
  await mkdir(join(ROOT, 'docs/performance'), { recursive: true });
  for (const [name, { lines }] of Object.entries(results.sections)) {
    const path = join(ROOT, `docs/performance/${name}.svg`);
    await writeFile(path, chart(TITLES[name] ?? name, lines));
  }
  await writeFile(join(ROOT, 'docs/performance.md'), page(results, await readResults(BEFORE)));
}
