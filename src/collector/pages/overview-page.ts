import { html } from 'hono/html';
import type { Markup } from '../../web/layout.ts';
import { FIGURE_NAMES, NUMBER_PAGES, type NumberPage } from './figures.ts';
import { downloads, type PageContext, rangePicker, rangeText } from './frame.ts';
import { activeFacts, figureAndChange, numberChart, periodTable } from './parts.ts';
import type { Report } from './report.ts';
import { queryOf } from './view.ts';

/** Returns the content of the first page: the seven numbers of a range. */
export function overviewPage(report: Report, { access }: Pick<PageContext, 'access'>): Markup {
  const { view } = report;
  const creations = NUMBER_PAGES.find(({ name }) => name === 'creations');
  return html`<h1>The seven numbers</h1>
<p class="muted">${rangeText(report)}</p>
${rangePicker(report, { path: '/' })}
<div class="cards">
${NUMBER_PAGES.map((page) => card(report, page))}
${report.isPublic ? '' : html`<section class="card"><h2>Clusters that stay</h2>${activeFacts(report)}</section>`}
</div>
${creations && html`<section class="panel"><h2>Resources created, by kind</h2>${numberChart(report, { page: creations, size: 'large' })}</section>`}
<section class="panel">
<h2>All figures</h2>
${periodTable(report, { names: FIGURE_NAMES, caption: 'The seven numbers' })}
${downloads({ path: '/numbers', view })}
</section>
${access === 'full' ? html`<p class="files"><a href="/received">What was received and refused</a></p>` : ''}`;
}

function card(report: Report, page: NumberPage): Markup {
  return html`<section class="card">
<h2><a href="/numbers/${page.slug}${queryOf(report.view)}">${page.title}</a></h2>
${figureAndChange(report, page)}
${numberChart(report, { page, size: 'small' })}
</section>
`;
}
