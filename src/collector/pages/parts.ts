import { html } from 'hono/html';
import { barChart } from '../../web/bar-chart.ts';
import { formatCount, formatDay, formatPercent, formatShortDay } from '../../web/format.ts';
import type { Markup } from '../../web/layout.ts';
import { table } from '../../web/table.ts';
import { type FigureName, NUMBER_PAGES, type NumberPage } from './figures.ts';
import { type By, UNITS } from './periods.ts';
import type { PeriodFigures, Report } from './report.ts';

const EACH: Readonly<Record<By, string>> = { day: 'by day', week: 'by week', month: 'by month' };

/** Returns a figure and its change. */
export function figureAndChange(report: Report, { name }: Pick<NumberPage, 'name'>): Markup {
  const figure = report.total[name];
  return html`<p class="figure${figure === null ? ' quiet' : ''}">${formatCount(figure)}</p>
<p class="change">${changeOf(report, { name })}</p>`;
}

/** Returns the chart of a number. A number that has parts is divided into them if the chart is large. */
export function numberChart(
  { view, periods }: Report,
  { page, size }: { readonly page: NumberPage; readonly size: 'small' | 'large' },
): Markup {
  const names: readonly FigureName[] =
    size === 'large' && page.parts.length > 0 ? page.parts : [page.name];
  return barChart({
    id: `chart-${page.slug}-${size}`,
    title: `${page.title} ${EACH[view.by]}`,
    bars: periods.map((period) => ({
      label: UNITS[view.by].label(period),
      isComplete: period.isComplete,
    })),
    series: names.map((name) => ({
      name: titleOf(name),
      figures: periods.map(({ figures }) => figures[name]),
    })),
    marks: marksOf(periods, { by: view.by, most: size === 'small' ? 2 : 3 }),
    size,
  });
}

/** Returns the table of some figures, the newest period first. */
export function periodTable(
  { view, periods }: Report,
  { names, caption }: { readonly names: readonly FigureName[]; readonly caption: string },
): Markup {
  const unit = { day: 'Day', week: 'Week', month: 'Month' }[view.by];
  return table({
    caption: `${caption} ${EACH[view.by]}`,
    columns: [{ title: unit }, ...names.map((name) => ({ title: titleOf(name), isNumber: true }))],
    rows: periods
      .toReversed()
      .map((period) => [
        html`${UNITS[view.by].label(period)}${period.isComplete ? '' : html` <span class="tag">not complete</span>`}`,
        ...names.map((name) => formatCount(period.figures[name])),
      ]),
  });
}

/** Returns how often each command was used in the whole range. */
export function commandTable(commands: ReadonlyMap<string, number>): Markup {
  return table({
    caption: 'CLI usages by command',
    columns: [{ title: 'Command' }, { title: titleOf('cliUsages'), isNumber: true }],
    rows: [...commands].map(([command, usages]) => [
      html`<code>kusk ${command}</code>`,
      formatCount(usages),
    ]),
  });
}

/** Returns how many clusters were active in 1, 7 and 28 days, and the share of 7 in 28. */
export function activeFacts({ view, active, share }: Report): Markup {
  const last = active.at(0)?.to;
  const one = last === view.today ? 'Today so far' : 'In the last day';
  return html`<dl class="facts">
${active.map(({ days, clusters }) => html`<dt>${days === 1 ? one : `In the last ${days} days`}</dt><dd>${formatCount(clusters)}</dd>\n`)}
<dt>Of the 28 days' clusters, in the last 7</dt><dd>${share === undefined ? '–' : formatPercent(share)}</dd>
</dl>
<p class="change">${last === undefined ? '' : `As of ${formatDay(last)}. Each cluster counts once in each of these.`}</p>`;
}

/** Returns the title of a figure: a number's, or a kind. */
export function titleOf(name: FigureName): string {
  return NUMBER_PAGES.find((page) => page.name === name)?.title ?? name;
}

function changeOf(report: Report, { name }: { readonly name: FigureName }): string {
  const { view, isPublic, comparison, isComparable } = report;
  if (view.name === 'all') return isPublic ? 'in all months' : 'since the first event';
  const figure = comparison?.compared.figures[name] ?? null;
  const before = comparison?.before.figures[name] ?? null;
  if (figure === null || before === null || !isComparable(name)) return 'nothing to compare';
  const change = changeFrom(before, { figure });
  const isWhole = comparison?.compared.to === view.to;
  return isWhole
    ? `${change} from ${formatCount(before)}`
    : `${formatCount(figure)} without today: ${change}`;
}

function changeFrom(before: number, { figure }: { readonly figure: number }): string {
  const change = figure - before;
  if (change === 0) return 'unchanged';
  const sign = change > 0 ? '+' : '−';
  const size = Math.abs(change);
  const share = before > 0 ? ` (${sign}${formatPercent(size / before)})` : '';
  return `${sign}${formatCount(size)}${share}`;
}

/** The first, the middle and the last period, with the year if the range has several. */
function marksOf(
  periods: readonly PeriodFigures[],
  { by, most }: { readonly by: By; readonly most: 2 | 3 },
): readonly string[] {
  const years = new Set(periods.map(({ from }) => from.slice(0, 4)));
  const mark = (period: PeriodFigures) => {
    if (by === 'month') return UNITS.month.label(period);
    return years.size > 1 ? formatDay(period.from) : formatShortDay(period.from);
  };
  const last = periods.length - 1;
  const places = most === 3 && last > 9 ? [0, Math.round(last / 2), last] : [...new Set([0, last])];
  return places.flatMap((place) => periods[place] ?? []).map(mark);
}
