import { html } from 'hono/html';
import { formatDay } from '../../web/format.ts';
import { layout, type Markup } from '../../web/layout.ts';
import type { DayRange } from '../store/snapshot.ts';
import type { Access } from './access.ts';
import { ICON_PATH, STYLESHEET } from './assets.ts';
import type { By } from './periods.ts';
import type { PUBLIC_RANGES } from './public-view.ts';
import type { Report } from './report.ts';
import { dividersOf, MAX_PERIODS, queryOf, type RangeName, type View } from './view.ts';

/** What every page knows of its request. */
export interface PageContext {
  readonly access: Access;
  /** Whether the request has our cookie, so that there is something to sign out of. */
  readonly isSignedIn: boolean;
  /** The path and the query of the request, to return to after signing in. */
  readonly address: string;
}

const RANGE_TITLES: Readonly<Record<RangeName, string>> = {
  '7d': '7 days',
  '28d': '28 days',
  '90d': '90 days',
  year: 'Year',
  all: 'All',
};
const PUBLIC_TITLES: Readonly<Record<(typeof PUBLIC_RANGES)[number], string>> = {
  year: '12 months',
  all: 'All',
};
const PUBLIC_TEXT =
  'Without the read key, only whole months are shown, from a week after their end. Each figure is rounded down to a multiple of 5, and not shown below 5. A total adds up what its months show; of active clusters, it is the highest month.';
const BY_TITLES: Readonly<Record<By, string>> = { day: 'Day', week: 'Week', month: 'Month' };

/** Returns a whole page. */
export function frame(
  content: Markup,
  { title, context }: { readonly title: string; readonly context: PageContext },
): Markup {
  return layout(content, {
    title: `${title} · Kusk Gateway telemetry`,
    brand: 'Kusk Gateway telemetry',
    stylesheet: STYLESHEET,
    icon: ICON_PATH,
    actions: signActions(context),
    footer: html`Days are UTC days. Figures are computed from anonymous events. The page of each number says how it is counted.`,
  });
}

/** Returns the links that choose the range and how it is divided. They are addresses, to be shared. */
export function rangePicker(
  { view, isPublic }: Pick<Report, 'view' | 'isPublic'>,
  { path }: { readonly path: string },
): Markup {
  const titles: Partial<Record<RangeName, string>> = isPublic ? PUBLIC_TITLES : RANGE_TITLES;
  return html`<div class="bar">
<nav aria-label="Range"><ul class="choice">
${Object.entries(titles).map(([name, title]) => html`<li><a href="${path}?range=${name}"${isCurrent(view.name === name)}>${title}</a></li>\n`)}
</ul></nav>
${isPublic ? '' : exactPicker(view, { path })}
</div>`;
}

/** Returns what only a reader of exact figures may choose: any days, and how they are divided. */
function exactPicker(view: View, { path }: { readonly path: string }): Markup {
  // Days do not fit other dates if these are many.
  const keepsBy = view.isByGiven && view.by !== 'day';
  return html`<form method="get" action="${path}">
<div><label for="from">From</label><input type="date" id="from" name="from" value="${view.from}" required></div>
<div><label for="to">To</label><input type="date" id="to" name="to" value="${view.to}" required></div>
${keepsBy ? html`<input type="hidden" name="by" value="${view.by}">` : ''}<button>Show</button>
</form>
<nav aria-label="Bars by"><ul class="choice">
${dividersOf(view, { maxPeriods: MAX_PERIODS.page }).map((by) => html`<li><a href="${path}${queryOf(view, { by })}"${isCurrent(view.by === by)}>${BY_TITLES[by]}</a></li>\n`)}
</ul></nav>`;
}

function isCurrent(current: boolean): Markup | '' {
  return current ? html` aria-current="true"` : '';
}

/** Returns the range in words: its days, what it is compared with, and whether it is exact. */
export function rangeText(report: Pick<Report, 'view' | 'comparison' | 'isPublic'>): string {
  const { from, to, today } = report.view;
  const texts = [
    `${rangeOf({ from, to })}.`,
    from <= today && to >= today ? 'Today (UTC) is not complete.' : '',
    comparisonText(report),
    report.isPublic ? PUBLIC_TEXT : '',
  ];
  return texts.filter((text) => text !== '').join(' ');
}

function comparisonText({ view, comparison }: Pick<Report, 'view' | 'comparison'>): string {
  if (view.comparison === undefined) return '';
  const { compared, before } = view.comparison;
  if (!comparison) return `Not compared: no event is from before ${formatDay(before.from)}.`;
  if (compared.to === view.to) return `Compared with ${rangeOf(before)}.`;
  return `${rangeOf(compared)} is compared with ${rangeOf(before)}.`;
}

function rangeOf({ from, to }: DayRange): string {
  return from === to ? formatDay(from) : `${formatDay(from)} – ${formatDay(to)}`;
}

/** Returns the links to the same data as files. */
export function downloads({ path, view }: { readonly path: string; readonly view: View }): Markup {
  const query = queryOf(view);
  return html`<p class="files"><a href="${path}.csv${query}">CSV</a> <a href="${path}.json${query}">JSON</a></p>`;
}

function signActions({ isSignedIn, access, address }: PageContext): Markup {
  if (isSignedIn) {
    return html`<form method="post" action="/sign-out"><button>Sign out</button></form>`;
  }
  if (access !== 'public') return html``;
  return html`<a href="/sign-in?next=${encodeURIComponent(address)}">Sign in</a>`;
}
