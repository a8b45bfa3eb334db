import type { Figure } from '../../web/format.ts';
import { addDays } from '../day.ts';
import { computeNumbers, countCommands, type DayNumbers } from '../numbers/numbers.ts';
import type { DayRange, Snapshot } from '../store/snapshot.ts';
import { type FigureName, type Figures, figuresFrom, sumOf } from './figures.ts';
import { type Period, type PeriodOptions, periodsOf } from './periods.ts';
import type { Comparison, View } from './view.ts';

/** Some days with their figures. */
export interface RangeFigures extends DayRange {
  readonly figures: Figures;
}

/** A period with its figures. */
export interface PeriodFigures extends Period, RangeFigures {}

export type ReportOptions = Pick<Report, 'view'>;

/** Clusters that were active within some days, each counted once. */
export interface ActiveWindow extends DayRange {
  readonly days: number;
  readonly clusters: Figure;
}

/** Everything that the pages of one view show. */
export interface Report {
  readonly view: View;
  /** Whether it has published figures only: see `publicReport`. */
  readonly isPublic: boolean;
  /** Of the whole range. Each cluster counts once. */
  readonly total: Figures;
  /** `undefined` also if no event is from before the earlier days: then they could be less only because counting had not begun. */
  readonly comparison: Comparison<RangeFigures> | undefined;
  /** Returns whether both have all of a figure, so that its change is true. */
  readonly isComparable: (name: FigureName) => boolean;
  readonly periods: readonly PeriodFigures[];
  /** How often each command of the CLI was used in the whole range. `undefined` for the public. */
  readonly commands: ReadonlyMap<string, number> | undefined;
  /** The last 1, 7 and 28 days of the range, today included. The public has none. */
  readonly active: readonly ActiveWindow[];
  /** The clusters of the last 7 days among those of 28. `undefined` if it can't be computed. */
  readonly share: number | undefined;
}

const WINDOWS = [1, 7, 28];

/** Computes the figures of a view. Every figure is exact. */
export function computeReport(snapshot: Snapshot, { view }: ReportOptions): Report {
  const { total, days } = computeNumbers(snapshot, view);
  const active = activeWindows(snapshot, view);
  return {
    view,
    isPublic: false,
    total: figuresFrom(total),
    comparison: compare(snapshot, view),
    isComparable: () => true,
    periods: periodFigures(snapshot, { view, days }),
    commands: countCommands(snapshot, view),
    active,
    share: shareOf(active),
  };
}

function compare(snapshot: Snapshot, { comparison }: View): Report['comparison'] {
  const first = snapshot.span()?.from;
  if (!comparison || first === undefined || first >= comparison.before.from) return undefined;
  const withFigures = (range: DayRange) => ({
    ...range,
    figures: figuresFrom(computeNumbers(snapshot, range).total),
  });
  return {
    compared: withFigures(comparison.compared),
    before: withFigures(comparison.before),
  };
}

export interface PeriodFiguresOptions {
  readonly view: DayRange & PeriodOptions;
  readonly days: readonly DayNumbers[];
}

/** Returns the exact figures of each period of a view, from those of its days. */
export function periodFigures(
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
