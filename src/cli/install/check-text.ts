import { type Style, styled } from '../output/colors.ts';
import { safeText } from '../output/safe-text.ts';
import type { Terminal } from '../output/terminal.ts';
import { wrap } from '../output/wrap.ts';
import type { CheckLine } from './checks.ts';

const STYLES: Readonly<Record<CheckLine['status'], Style>> = {
  ok: 'green',
  warning: 'yellow',
  failed: 'red',
};
/** The widths of the first two columns, with the blanks after them. */
const WIDTHS = { status: 9, check: 14 } as const;
const NARROWEST = 20;

/** Lays checks out: status, what was checked, what was found, and below it what to do. */
export function checkText(lines: readonly CheckLine[], terminal: Terminal): string {
  return lines.map((line) => lineText(line, terminal)).join('');
}

function lineText({ status, check, text, advice }: CheckLine, terminal: Terminal): string {
  const indent = WIDTHS.status + WIDTHS.check;
  const width = Math.max(NARROWEST, terminal.columns - indent);
  const lines = [
    ...wrap(safeText(text), { width }),
    ...(advice ? wrap(safeText(advice), { width }) : []),
  ];
  const head = styled(status.padEnd(WIDTHS.status), { style: STYLES[status], terminal });
  return lines
    .map((line, index) => {
      const before = index === 0 ? `${head}${check.padEnd(WIDTHS.check)}` : ' '.repeat(indent);
      return `${before}${line}\n`;
    })
    .join('');
}
