import { html } from 'hono/html';
import { KINDS, type Kind } from '../../event.ts';
import { formatCount } from '../../web/format.ts';
import type { Markup } from '../../web/layout.ts';
import type { KindView } from '../model/view.ts';
import type { PageFacts } from './page-facts.ts';
import { sentences } from './page-parts.ts';
import {
  findResources,
  PAGE_SIZE,
  parseResourceQuery,
  type ResourcePage,
  type ResourceQuery,
  resourceAddress,
  VERDICTS,
} from './resource-query.ts';
import { resourceTable, VERDICT_WORDS } from './resource-table.ts';

/** Returns the content of the page of all resources. */
export function resourcesPage(facts: PageFacts): Markup {
  const { kinds } = facts.view;
  const page = findResources(kinds, parseResourceQuery(facts.query));
  const states = KINDS.flatMap((kind) => stateOf(kind, kinds[kind]));
  return html`<h1>Resources</h1>
<p class="muted">APIs, StaticRoutes and EnvoyFleets, and whether the creation of each was counted.</p>
${states.length === 0 ? '' : html`<section class="panel notice" id="kind-states"><h2>About these lists</h2>${sentences(states)}</section>`}
<section class="panel">
${filterForm(page.query, kinds)}
<p class="found" id="found">${foundText(page, kinds)}</p>
${page.rows.length === 0 ? '' : resourceTable(page, facts)}
${pager(page)}
</section>`;
}

function stateOf(kind: Kind, { state, message, rows, total }: KindView): readonly string[] {
  const more =
    total > rows.length ? [`${kind}: the newest ${rows.length} of ${total} are shown.`] : [];
  if (message !== '') return [`${kind}: ${message}`, ...more];
  return state === 'loading' ? [`${kind}: the list is loading.`, ...more] : more;
}

function filterForm(query: ResourceQuery, kinds: Readonly<Record<Kind, KindView>>): Markup {
  const { text, kind, counted, sort, isDescending } = query;
  const isCurrent = (current: boolean) => (current ? html` aria-current="true"` : '');
  const all = KINDS.reduce((sum, one) => sum + kinds[one].total, 0);
  return html`<div class="bar">
<nav aria-label="Kind"><ul class="choice">
<li><a href="${resourceAddress(query, { kind: undefined })}"${isCurrent(kind === undefined)}>All ${formatCount(all)}</a></li>
${KINDS.map((one) => html`<li><a href="${resourceAddress(query, { kind: one })}"${isCurrent(kind === one)}>${one} ${formatCount(kinds[one].total)}</a></li>\n`)}
</ul></nav>
<form method="get" action="/resources" role="search">
${kind === undefined ? '' : html`<input type="hidden" name="kind" value="${kind}">`}
${sort === 'age' && !isDescending ? '' : html`<input type="hidden" name="sort" value="${isDescending ? '-' : ''}${sort}">`}
<div><label for="q">Name, namespace, fleet, host, path or id</label><input type="search" id="q" name="q" value="${text}" maxlength="300" autocomplete="off" spellcheck="false"></div>
<div><label for="counted">Counted</label><select id="counted" name="counted">
<option value="">all</option>
${VERDICTS.map((state) => html`<option value="${state}"${counted === state ? html` selected` : ''}>${VERDICT_WORDS[state]}</option>\n`)}
</select></div>
<button>Show</button>
</form>
</div>`;
}

function foundText(
  { found, all, query, pages }: ResourcePage,
  kinds: Readonly<Record<Kind, KindView>>,
): string {
  const areListed = KINDS.every((kind) => ['listed', 'missing'].includes(kinds[kind].state));
  if (all === 0) return areListed ? 'There are no resources.' : 'No resource can be shown.';
  if (found === 0) return `None of ${formatCount(all)} resources matches.`;
  const first = (query.page - 1) * PAGE_SIZE + 1;
  const last = Math.min(query.page * PAGE_SIZE, found);
  const range =
    pages === 1
      ? formatCount(found)
      : `${formatCount(first)}–${formatCount(last)} of ${formatCount(found)}`;
  return found === all
    ? `${range} ${all === 1 ? 'resource' : 'resources'}`
    : `${range} that match, of ${formatCount(all)} resources`;
}

function pager({ query, pages }: ResourcePage): Markup {
  if (pages === 1) return html``;
  const link = (page: number, text: string, rel: string) =>
    page < 1 || page > pages
      ? html`<span class="muted">${text}</span>`
      : html`<a href="${resourceAddress(query, { page })}" rel="${rel}">${text}</a>`;
  return html`<nav class="pager" aria-label="Pages of the list">
${link(query.page - 1, '← Previous', 'prev')}
<span>Page ${query.page} of ${pages}</span>
${link(query.page + 1, 'Next →', 'next')}
</nav>`;
}
