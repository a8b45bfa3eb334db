import { isMet, type Line, ratioOf, shown } from './line.ts';

/** The lines as a table in Markdown, with the ratios from before the work on them, if any. */
export function table(lines: readonly Line[], before: readonly Line[] = []): string {
  const ratiosBefore = new Map(before.map((line) => [keyOf(line), ratioOf(line).toFixed(2)]));
  const rows = lines.map((line) => {
    const { what, unit, figure, against } = line;
    const cells = [
      `${what}, ${figure.of}`,
      shown(figure.value, unit),
      against.of,
      shown(against.value, unit),
      ratioOf(line).toFixed(2),
      ...(before.length > 0 ? [ratiosBefore.get(keyOf(line)) ?? ''] : []),
      targetOf(line),
      verdictOf(line),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const [head, rule] = before.length > 0 ? [' before |', '--:|'] : ['', ''];
  return [
    `| what | figure | against | figure | ratio |${head} target | met |`,
    `|---|--:|---|--:|--:|${rule}--:|---|`,
    ...rows,
  ].join('\n');
}

function keyOf({ what, figure, against }: Line): string {
  return [what, figure.of, against.of].join();
}

function targetOf({ target, unit }: Line): string {
  if (target === undefined) return '';
  if ('value' in target) return shown(target.value, unit);
  return 'ratio' in target ? timesOf(target.ratio) : `at least ${timesOf(target.leastRatio)}`;
}

function timesOf(ratio: number): string {
  return `${ratio.toFixed(3).replace(/0+$/, '').replace(/\.$/, '')} times`;
}

function verdictOf(line: Line): string {
  const met = isMet(line);
  if (met === undefined) return '';
  return met ? 'yes' : '**no**';
}
