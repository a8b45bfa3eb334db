import { type Style, styled } from '../output/colors.ts';
import { safeText } from '../output/safe-text.ts';
import type { Terminal } from '../output/terminal.ts';
import { wrap } from '../output/wrap.ts';
import type { CheckLine } from './check-line.ts';

const STYLES: Readonly<Record<CheckLine['status'], Style>> = {
  ok: 'green',
  warning: 'yellow',
  failed: 'red',
};
/** The widths of the first two columns, with the blanks after them. */
const WIDTHS = { status: 9, check: 14 } as const;
const INDENT = WIDTHS.status + WIDTHS.check;
const NARROWEST = 20;

/**
 * Lays checks out: status, what was checked, what was found, and below it what to do. Lines that follow
 * one another with the same advice share it.
 */
export function checkText(lines: readonly CheckLine[], terminal: Terminal): string {
  return lines
    .map((line, index) => {
      const isShared = lines[index + 1]?.advice === line.advice;
      const { advice, ...rest } = line;
      return lineText(advice === undefined || isShared ? rest : line, terminal);
    })
    .join('');
}

function lineText({ status, check, text, advice }: CheckLine, terminal: Terminal): string {
  const width = Math.max(NARROWEST, terminal.columns - INDENT);
  const paragraphs = advice === undefined ? [text] : [text, advice];
  const lines = paragraphs.flatMap((paragraph) => wrap(safeText(paragraph), { width }));
  const head = styled(status.padEnd(WIDTHS.status), { style: STYLES[status], terminal });
  return lines
    .map((line, index) => {
      const before = index === 0 ? `${head}${check.padEnd(WIDTHS.check)}` : ' '.repeat(INDENT);
      return `${before}${line}\n`;
    })
    .join('');
}
