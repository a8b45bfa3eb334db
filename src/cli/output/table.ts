import { safeText } from './safe-text.ts';
import { wrap } from './wrap.ts';

export interface TableOptions {
  /** The width of the whole, in characters. */
  readonly columns: number;
  /** Spaces before each line. */
  readonly indent?: number;
  /** The first row, in capitals as kubectl has it. */
  readonly heads?: readonly string[];
}

/** Between two columns. */
const GAP = '  ';
/** The last column is not made narrower than this, even if lines get too long. */
const NARROWEST = 20;

/**
 * Returns cells in aligned columns. What does not fit goes into further lines of the last column.
 *
 * Cells may come from a cluster: control characters are escaped.
 */
export function table(
  rows: readonly (readonly string[])[],
  { columns, indent = 0, heads }: TableOptions,
): string {
  const all = (heads ? [heads, ...rows] : rows).map((cells) => cells.map(safeText));
  const last = Math.max(0, ...all.map((cells) => cells.length - 1));
  const widths = Array.from({ length: last }, (_, column) =>
    Math.max(...all.map((cells) => (cells[column] ?? '').length)),
  );
  const start = widths.reduce((sum, width) => sum + width + GAP.length, indent);
  const width = Math.max(NARROWEST, columns - start);
  return all
    .flatMap((cells) => {
      const before = widths.map((one, column) => (cells[column] ?? '').padEnd(one)).join(GAP);
      const [first = '', ...more] = wrap(cells[last] ?? '', { width });
      const head = `${' '.repeat(indent)}${before}${last > 0 ? GAP : ''}${first}`.trimEnd();
      return [head, ...more.map((line) => `${' '.repeat(start)}${line}`)];
    })
    .join('\n');
}
