import { html } from 'hono/html';
import type { Markup } from './layout.ts';

export interface Column {
  readonly title: string;
  /** Numbers are aligned at their end. */
  readonly isNumber?: boolean;
}

export interface TableOptions {
  /** Names the table for a screen reader, and its region if it scrolls. */
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The first cell of each row is its header. */
  readonly rows: readonly (readonly (string | Markup)[])[];
}

/**
 * Returns a table in a region of its own that scrolls if the table is too large.
 *
 * The region can be focused, because a keyboard could not scroll it otherwise.
 */
export function table({ caption, columns, rows }: TableOptions): Markup {
  const kinds = columns.map(({ isNumber = false }) => (isNumber ? 'number' : 'text'));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
<table>
<caption class="unseen">${caption}</caption>
<thead><tr>${columns.map(({ title }, i) => html`<th scope="col" class="${kinds[i]}">${title}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map((cell, i) => cellOf(cell, { isHeader: i === 0, kind: kinds[i] ?? 'text' }))}</tr>\n`)}
</tbody>
</table>
</div>`;
}

interface CellOptions {
  readonly isHeader: boolean;
  readonly kind: string;
}

function cellOf(cell: string | Markup, { isHeader, kind }: CellOptions): Markup {
  if (isHeader) return html`<th scope="row" class="${kind}">${cell}</th>`;
  return html`<td class="${kind}">${cell}</td>`;
}
