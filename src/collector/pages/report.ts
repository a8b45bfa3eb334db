import type { Figure } from '../../web/format.ts';
import { addDays } from '../day.ts';
import { computeNumbers, type DayNumbers } from '../numbers/numbers.ts';
import type { DayRange, Snapshot } from '../store/snapshot.ts';
import { type Figures, figuresFrom, mapFigures, publicFigure, sumOf } from './figures.ts';
import { type Period, periodsOf } from './periods.ts';
import type { View } from './view.ts';

/** A period with its figures. */
export interface PeriodFigures extends Period {
  readonly figures: Figures;
}

export type ReportOptions = Pick<Report, 'view' | 'isPublic'>;

/** Clusters that were active within some days, each counted once. */
export interface ActiveWindow extends DayRange {
  readonly days: number;
  readonly clusters: Figure;
}

/** Everything that the pages of one view show. */
export interface Report {
  readonly view: View;
  /** Whether figures are rounded, and hidden below 5. */
  readonly isPublic: boolean;
  /** Of the whole range. Each cluster counts once. */
  readonly total: Figures;
  /** Of the days before the range. `undefined` if there are no earlier events. The public does not see whether there are. */
  readonly before: Figures | undefined;
  readonly periods: readonly PeriodFigures[];
  /** The last 1, 7 and 28 days of the range. */
  readonly active: readonly ActiveWindow[];
  /** The clusters of the last 7 days among those of 28. `undefined` if it can't be computed. */
  readonly share: number | undefined;
}

const WINDOWS = [1, 7, 28];

/** Computes the figures of a view. Every figure is exact, unless it is for the public. */
export function computeReport(snapshot: Snapshot, { view, isPublic }: ReportOptions): Report {
  const shown = isPublic ? publicFigure : (figure: Figure) => figure;
  const shownAll = (figures: Figures) => mapFigures((name) => shown(figures[name]));
  const { total, days } = computeNumbers(snapshot, view);
  const before = earlierNumbers(snapshot, { view, isPublic });
  const active = activeWindows(snapshot, view).map((one) => ({
    ...one,
    clusters: shown(one.clusters),
  }));
  return {
    view,
    isPublic,
    total: shownAll(figuresFrom(total)),
    before: before && shownAll(before),
    periods: periodFigures(snapshot, { view, days }).map((one) => ({
      ...one,
      figures: shownAll(one.figures),
    })),
    active,
    share: shareOf(active),
  };
}

function earlierNumbers(
  snapshot: Snapshot,
  { view: { before }, isPublic }: ReportOptions,
): Figures | undefined {
  if (before === undefined) return undefined;
  const first = snapshot.span()?.from;
  if (!isPublic && (first === undefined || first > before.to)) return undefined;
  return figuresFrom(computeNumbers(snapshot, before).total);
}

interface PeriodFiguresOptions {
  readonly view: View;
  readonly days: readonly DayNumbers[];
}

function periodFigures(
  snapshot: Snapshot,
  { view, days }: PeriodFiguresOptions,
): readonly PeriodFigures[] {
  const sorted = days.map((numbers) => ({ day: numbers.day, figures: figuresFrom(numbers) }));
  let next = 0;
  return periodsOf(view, view).map((period) => {
    const start = next;
    while (next < sorted.length && (sorted[next]?.day ?? '') <= period.to) next++;
    const figures = sumOf(sorted.slice(start, next).map((one) => one.figures));
    return { ...period, figures: withUniqueClusters(snapshot, { period, figures }) };
  });
}

/** The days of a period can't be summed: a cluster active on two of them counts once. */
function withUniqueClusters(
  snapshot: Snapshot,
  { period, figures }: { readonly period: Period; readonly figures: Figures },
): Figures {
  if (period.from === period.to || figures.activeClusters === 0) return figures;
  return { ...figures, activeClusters: activeIn(snapshot, period) };
}

function activeWindows(snapshot: Snapshot, { to, today }: View): readonly ActiveWindow[] {
  const last = to < today ? to : today;
  return WINDOWS.map((days) => {
    const range = { from: addDays(last, { days: 1 - days }), to: last };
    return { days, ...range, clusters: activeIn(snapshot, range) };
  });
}

function activeIn(snapshot: Snapshot, { from, to }: DayRange): number {
  return snapshot.subjects({ source: 'kusk-gateway', name: 'heartbeat', from, to });
}

function shareOf([, week, month]: readonly ActiveWindow[]): number | undefined {
  if (week?.clusters == null || !month?.clusters) return undefined;
  return week.clusters / month.clusters;
}
