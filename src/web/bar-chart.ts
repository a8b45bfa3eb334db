import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import { html } from 'hono/html';
import { type Figure, formatCount } from './format.ts';
import type { Markup } from './layout.ts';

/** One bar, or one place for it if there is nothing to show. */
export interface Bar {
  readonly label: string;
  /** Incomplete bars are drawn lighter, with an outline. */
  readonly isComplete: boolean;
}

export interface Series {
  readonly name: string;
  /** One figure for each bar. A figure that must not be shown has no height. */
  readonly figures: readonly Figure[];
}

export interface BarChartOptions {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  readonly bars: readonly Bar[];
  /** Stacked in this order. Several have a legend. */
  readonly series: readonly Series[];
  /** The labels below the bars: at the start, in the middle and at the end. */
  readonly marks: readonly string[];
  readonly size: 'small' | 'large';
}

/** The plot is stretched to the width of the page, so its width has no unit. */
const WIDTH = 1_000;
/** In pixels. The axis is not stretched. */
const SIZES = {
  small: { height: 64, ticks: 1, margin: 8 },
  large: { height: 240, ticks: 4, margin: 8 },
} as const;

/**
 * Returns a bar chart as SVG, with a title and a description for a screen reader.
 *
 * The description has the sum, the highest and the last bar. The caller shows the figures in a table.
 */
export function barChart(options: BarChartOptions): Markup {
  const { id, title, bars, series, marks, size } = options;
  const { height, margin } = SIZES[size];
  const layers = layersOf(options);
  const highest = Math.max(1, ...layers.flat().map(([, top]) => top));
  const { scale, ticks } = axisOf(highest, { size });
  const x = scaleBand<number>()
    .domain(bars.keys())
    .range([0, WIDTH])
    .paddingInner(bars.length > 120 ? 0.1 : 0.25);
  const total = height + 2 * margin;
  return html`<figure class="chart ${size}">
<svg class="axis" width="44" height="${total}" aria-hidden="true" focusable="false">${ticks.map((tick) => html`<text x="38" y="${round(scale(tick))}" dy="0.35em">${formatCount(tick)}</text>`)}</svg>
<svg class="plot" viewBox="0 0 ${WIDTH} ${total}" preserveAspectRatio="none" role="img" aria-labelledby="${id}-title ${id}-about">
<title id="${id}-title">${title}</title>
<desc id="${id}-about">${describe(options)}</desc>
${ticks.map((tick) => html`<line class="${tick === 0 ? 'base' : 'grid'}" x1="0" x2="${WIDTH}" y1="${round(scale(tick))}" y2="${round(scale(tick))}"/>`)}
${layers.map((layer, nth) =>
  layer.map(([bottom, top], i) => {
    if (top === bottom) return '';
    const shade = bars[i]?.isComplete ? '' : ' partial';
    return html`<rect class="series-${nth + 1}${shade}" x="${round(x(i) ?? 0)}" y="${round(scale(top))}" width="${round(x.bandwidth())}" height="${round(scale(bottom) - scale(top))}"><title>${hintOf(options, { i, nth })}</title></rect>`;
  }),
)}
</svg>
<div class="marks" aria-hidden="true">${marks.map((mark) => html`<span>${mark}</span>`)}</div>
${series.length > 1 ? legendOf(series) : ''}
</figure>`;
}

function axisOf(highest: number, { size }: Pick<BarChartOptions, 'size'>) {
  const { height, ticks: count, margin } = SIZES[size];
  const linear = scaleLinear().domain([0, highest]);
  // Counts have no halves.
  const scale = (count > 1 ? linear.nice(count) : linear).range([margin + height, margin]);
  const [, top = highest] = scale.domain();
  const ticks = scale.ticks(count).filter((tick) => Number.isInteger(tick) && tick > 0);
  return { scale, ticks: [...new Set([0, ...(count > 1 ? ticks : []), top])] };
}

/** The bottom and the top of each part of each bar. */
function layersOf({ bars, series }: BarChartOptions) {
  const rows = bars.map((_, i) => series.map(({ figures }) => figures[i] ?? 0));
  const layers = stack<number[], number>()
    .keys(series.keys())
    .value((row, nth) => row[nth] ?? 0);
  return layers(rows).map((layer) => layer.map(([bottom, top]) => [bottom, top] as const));
}

function hintOf({ bars, series }: BarChartOptions, { i, nth }: { i: number; nth: number }): string {
  const { label = '', isComplete = true } = bars[i] ?? {};
  const { name = '', figures = [] } = series[nth] ?? {};
  const of = series.length > 1 ? `${name}, ` : '';
  return `${of}${label}: ${formatCount(figures[i] ?? null)}${isComplete ? '' : ' (not complete)'}`;
}

function describe({ bars, series, title }: BarChartOptions): string {
  const sums = bars.map((_, i) => sumOfShown(series.map(({ figures }) => figures[i] ?? null)));
  const highest = Math.max(0, ...sums.map((sum) => sum ?? 0));
  const [first, last] = [bars.at(0), bars.at(-1)];
  if (first === undefined || last === undefined) return `${title}: nothing to show.`;
  const span = `${bars.length} bars from ${first.label} to ${last.label}.`;
  if (highest === 0) return `${span} All are 0 or too small to be shown.`;
  const at = bars[sums.indexOf(highest)]?.label ?? '';
  const end = `The last is ${formatCount(sums.at(-1) ?? null)}${last.isComplete ? '' : ', not complete'}.`;
  return `${span} The highest is ${formatCount(highest)}, ${at}. ${end} The table has all of them.`;
}

/** Returns the sum of the figures that are not hidden, or `null` if all are. */
function sumOfShown(figures: readonly Figure[]): Figure {
  const shown = figures.filter((figure) => figure !== null);
  return shown.length === 0 ? null : shown.reduce((sum, figure) => sum + figure, 0);
}

function legendOf(series: readonly Series[]): Markup {
  return html`<ul class="legend">${series.map(({ name }, nth) => html`<li><span class="swatch swatch-${nth + 1}" aria-hidden="true"></span>${name}</li>`)}</ul>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
