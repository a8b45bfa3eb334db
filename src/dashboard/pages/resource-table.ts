import { html } from 'hono/html';
import type { Markup } from '../../web/layout.ts';
import type { ResourceRow, Verdict } from '../model/view.ts';
import { ageText, isoText, momentText } from './moments.ts';
import type { PageFacts } from './page-facts.ts';
import { codeBlock, pill, type Tone } from './page-parts.ts';
import { type ResourcePage, resourceAddress, type Sort } from './resource-query.ts';
import { visible } from './visible-text.ts';

export const VERDICT_WORDS: Readonly<Record<Verdict['state'], string>> = {
  counted: 'counted',
  pending: 'pending',
  'not-counted': 'not counted',
  unknown: 'unknown',
};
const VERDICT_TONES: Readonly<Record<Verdict['state'], Tone>> = {
  counted: 'good',
  pending: 'waiting',
  'not-counted': 'quiet',
  unknown: 'bad',
};

const COLUMNS: readonly { readonly title: string; readonly sort?: Sort }[] = [
  { title: 'Name', sort: 'name' },
  { title: 'Namespace', sort: 'namespace' },
  { title: 'Kind', sort: 'kind' },
  { title: 'Age', sort: 'age' },
  { title: 'Fleet', sort: 'fleet' },
  { title: 'Hosts and paths' },
  { title: 'Creation counted', sort: 'counted' },
];

type RowFacts = Pick<PageFacts, 'check' | 'nowMs'>;

/** Returns one page of resources as a table, whose headers sort it. */
export function resourceTable(page: ResourcePage, facts: RowFacts): Markup {
  return html`<div class="scroll tall" tabindex="0" role="region" aria-label="Resources">
<table class="resources">
<caption class="unseen">Resources</caption>
<thead><tr>${COLUMNS.map((column) => headerOf(column, page))}</tr></thead>
<tbody>
${page.rows.map((row) => rowOf(row, facts))}</tbody>
</table>
</div>`;
}

function headerOf(
  { title, sort }: (typeof COLUMNS)[number],
  { query }: Pick<ResourcePage, 'query'>,
): Markup {
  if (sort === undefined) return html`<th scope="col">${title}</th>`;
  const isCurrent = sort === query.sort;
  const isDescending = isCurrent && !query.isDescending;
  const order = query.isDescending ? 'descending' : 'ascending';
  const mark = query.isDescending ? '↓' : '↑';
  return html`<th scope="col"${isCurrent ? html` aria-sort="${order}"` : ''}><a href="${resourceAddress(query, { sort, isDescending })}">${title}${isCurrent ? html` <span aria-hidden="true">${mark}</span>` : ''}</a></th>`;
}

function rowOf(row: ResourceRow, { nowMs, check }: RowFacts): Markup {
  const { kind, uid, name, namespace, createdAt, fleet } = row;
  return html`<tr data-key="${uid}">
<th scope="row">${visible(name)}</th>
<td data-label="Namespace">${visible(namespace)}</td>
<td class="nowrap" data-label="Kind">${kind}</td>
<td class="nowrap" data-label="Age"><time datetime="${isoText(createdAt * 1000)}" title="${momentText(createdAt * 1000)}">${ageText(nowMs - createdAt * 1000)}</time></td>
<td data-label="Fleet"><div>${fleet === undefined ? '–' : visible(fleet)}</div></td>
<td data-label="Hosts, paths"><div>${addressesOf(row)}</div></td>
<td data-label="Counted"><div>${verdictOf(row, check)}</div></td>
</tr>
`;
}

/** How many hosts and paths a row shows before it opens. */
const SHOWN = 2;

function addressesOf({ hosts, paths, omitted }: ResourceRow): Markup {
  const all = [...hosts, ...paths];
  if (all.length === 0 && omitted === 0) return html`–`;
  const list = (texts: readonly string[]) =>
    html`${texts.map((text) => html`<div class="address">${visible(text)}</div>`)}`;
  const rest = all.length - SHOWN + omitted;
  if (rest <= 0) return list(all);
  const unknown =
    omitted === 0 ? '' : html`<div class="muted">and ${omitted} that are not shown</div>`;
  return html`${list(all.slice(0, SHOWN))}<details><summary>${rest} more</summary>${list(all.slice(SHOWN))}${unknown}</details>`;
}

function verdictOf(row: ResourceRow, check: RowFacts['check']): Markup {
  const { verdict, messageId, uid } = row;
  const label = pill(VERDICT_WORDS[verdict.state], VERDICT_TONES[verdict.state]);
  return html`<details class="verdict"><summary>${label}${shortId(row)}</summary>
<p>${visible(verdict.why)}</p>
<p class="muted small">UID<br><code class="id">${visible(uid)}</code></p>
${
  messageId === undefined
    ? html`<p class="muted small">The messageId is unknown, because the cluster's id is.</p>`
    : html`<p class="muted small">messageId<br><code class="id message-id">${visible(messageId)}</code></p>
<p class="muted small">To check it by hand:</p>${codeBlock(check(row), { label: `How to compute the messageId of ${row.name}` })}`
}</details>`;
}

/** The messageId under which it is counted, in short. */
function shortId({ verdict, messageId }: ResourceRow): Markup {
  const isSent = verdict.state === 'counted' || verdict.state === 'pending';
  if (!isSent || messageId === undefined) return html``;
  return html` <code class="muted">${messageId.slice(0, 12)}…</code>`;
}
