import { isMet, type Line, ratioOf, shown } from './line.ts';

/** The lines as a table in Markdown. */
export function table(lines: readonly Line[]): string {
  const rows = lines.map((line) => {
    const { what, unit, figure, against } = line;
    const cells = [
      `${what}, ${figure.of}`,
      shown(figure.value, unit),
      against.of,
      shown(against.value, unit),
      ratioOf(line).toFixed(2),
      targetOf(line),
      verdictOf(line),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| what | figure | against | figure | ratio | target | met |',
    '|---|--:|---|--:|--:|--:|---|',
    ...rows,
  ].join('\n');
}

function targetOf({ target, unit }: Line): string {
  if (target === undefined) return '';
  return 'ratio' in target
    ? `${target.ratio.toFixed(3).replace(/0+$/, '').replace(/\.$/, '')} times`
    : shown(target.value, unit);
}

function verdictOf(line: Line): string {
  const met = isMet(line);
  if (met === undefined) return '';
  return met ? 'yes' : '**no**';
}
