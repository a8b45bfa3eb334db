import { isMet, type Line, limitOf, shown } from './line.ts';

const WIDTH = 860;
const LEFT = 300;
const BAR = 400;
const ROW = 54;
const COLORS = { met: '#2e7d32', missed: '#c62828', free: '#1565c0', against: '#9e9e9e' };

/**
 * Draws each line as two bars, the figure and what it is against, on a scale of the line's own;
 * a dashed stroke is the target.
 */
export function chart(title: string, lines: readonly Line[]): string {
  const height = 40 + lines.length * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="10" y="22" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...lines.flatMap((line, index) => row(line, 40 + index * ROW)),
    '</svg>\n',
  ].join('\n');
}

function row(line: Line, top: number): readonly string[] {
  const { what, unit, figure, against } = line;
  const limit = limitOf(line);
  const most = Math.max(figure.value, against.value, limit ?? 0) || 1;
  const x = (value: number) => (value / most) * BAR;
  const mark = LEFT + x(limit ?? 0);
  return [
    `<text x="10" y="${top + 14}" font-weight="bold">${escaped(what)}</text>`,
    bar(figure, { top, color: colorOf(line), width: x(figure.value), unit }),
    bar(against, { top: top + 20, color: COLORS.against, width: x(against.value), unit }),
    ...(limit === undefined
      ? []
      : [
          `<line x1="${mark}" x2="${mark}" y1="${top}" y2="${top + 40}" stroke="#000000" stroke-dasharray="3 3"/>`,
        ]),
  ];
}

interface BarOptions {
  readonly top: number;
  readonly color: string;
  readonly width: number;
  readonly unit: Line['unit'];
}

function bar({ of, value }: Line['figure'], { top, color, width, unit }: BarOptions): string {
  return (
    `<rect x="${LEFT}" y="${top + 2}" width="${width.toFixed(1)}" height="16" fill="${color}"/>` +
    `<text x="${LEFT + width + 6}" y="${top + 14}">${escaped(`${shown(value, unit)} ${of}`)}</text>`
  );
}

function colorOf(line: Line): string {
  const met = isMet(line);
  if (met === undefined) return COLORS.free;
  return met ? COLORS.met : COLORS.missed;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
