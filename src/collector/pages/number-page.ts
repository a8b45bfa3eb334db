import { html } from 'hono/html';
import { CATALOGUE, type CatalogueEntry } from '../../event.ts';
import type { Markup } from '../../web/layout.ts';
import { figureNamesOf, type NumberPage } from './figures.ts';
import { downloads, rangePicker, rangeText } from './frame.ts';
import { activeFacts, commandTable, figureAndChange, numberChart, periodTable } from './parts.ts';
import type { Report } from './report.ts';
import { queryOf } from './view.ts';

/** Returns the content of the page of one number. */
export function numberPage(report: Report, { page }: { readonly page: NumberPage }): Markup {
  const { view } = report;
  const path = `/numbers/${page.slug}`;
  return html`<a class="crumb" href="/${queryOf(view)}">← The seven numbers</a>
<h1>${page.title}</h1>
<p class="muted">${rangeText(report)}</p>
${rangePicker(report, { path })}
<section class="panel" aria-label="Chart">
${figureAndChange(report, page)}
${numberChart(report, { page, size: 'large' })}
</section>
<div class="pair">
<section class="panel">
<h2>Figures</h2>
${periodTable(report, { names: figureNamesOf(page), caption: page.title })}
${downloads({ path, view })}
</section>
<div>
${page.name === 'activeClusters' && !report.isPublic ? html`<section class="panel"><h2>Clusters that stay</h2>${activeFacts(report)}</section>` : ''}
${page.name === 'cliUsages' && report.commands ? html`<section class="panel"><h2>By command</h2>${commandTable(report.commands)}</section>` : ''}
${howItIsCounted(page, report)}
</div>
</div>`;
}

function howItIsCounted(
  { number, rule, publicRule = rule }: NumberPage,
  { isPublic }: Pick<Report, 'isPublic'>,
): Markup {
  const entries: readonly CatalogueEntry[] = CATALOGUE;
  return html`<section class="panel">
<h2>How it is counted</h2>
<p>${isPublic ? publicRule : rule}</p>
<dl class="events">
${entries
  .filter((entry) => entry.number === number)
  .map(
    ({
      source,
      name,
      when,
      why,
      countedOncePer,
    }) => html`<dt><code>${source}</code> <code>${name}</code></dt>
<dd>${plain(when)} Counted once per ${countedOncePer}.</dd>
<dd class="muted">${why}</dd>
`,
  )}
</dl>
</section>`;
}

/** The catalogue's texts are Markdown with code only. */
function plain(text: string): Markup {
  return html`${text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
