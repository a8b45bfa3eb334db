import { KINDS } from '../../event.ts';
import type { Figure } from '../../web/format.ts';
import { addDays, EARLIEST_DAY } from '../day.ts';
import { computeNumbers } from '../numbers/numbers.ts';
import type { DayRange, Snapshot } from '../store/snapshot.ts';
import type { Store } from '../store/store.ts';
import { type FigureName, type Figures, mapFigures } from './figures.ts';
import { UNITS } from './periods.ts';
import { type PeriodFigures, periodFigures, type Report, type ReportOptions } from './report.ts';

/** No figure below it is published, and published figures are multiples of it. */
const STEP = 5;
/** For so many days after its end a month is not published, because some of its events arrive late. */
const SETTLING_DAYS = 7;

/** Returns the last day of the last published month. */
export function lastPublishedDay(today: string): string {
  const current = UNITS.month.start(addDays(today, { days: -SETTLING_DAYS }));
  return addDays(current, { days: -1 });
}

/**
 * Returns every published month, with its rounded figures.
 *
 * Everything that the public sees is computed from these figures. Each event is in one month only, so that no two of them have a difference
 * that shows less than a month.
 */
export function publishedMonths(
  snapshot: Snapshot,
  { today }: { readonly today: string },
): readonly PeriodFigures[] {
  const range = { from: EARLIEST_DAY, to: lastPublishedDay(today) };
  const { days } = computeNumbers(snapshot, range);
  const months = periodFigures(snapshot, { view: { ...range, by: 'month', today }, days });
  return months.map((month) => ({ ...month, figures: publishedFigures(month.figures) }));
}

/** Resolves with the published months of a UTC day. Rejects with the errors of `Store`. */
export type ReadPublished = (today: string) => Promise<readonly PeriodFigures[]>;

/**
 * Returns a function that reads the published months once a UTC day, and keeps them.
 *
 * Neither the content of a public response nor the time that it takes then depends on events that arrive later that day. Concurrent
 * calls share a read. One that fails is not kept.
 */
export function publishedReader(store: Pick<Store, 'read'>): ReadPublished {
  let kept: { readonly today: string; readonly months: ReturnType<ReadPublished> } | undefined;

  return function readPublished(today) {
    if (kept?.today === today) return kept.months;
    const months = store.read((snapshot) => publishedMonths(snapshot, { today }));
    const reading = { today, months };
    kept = reading;
    months.catch(() => {
      if (kept === reading) kept = undefined;
    });
    return months;
  };
}

/** Returns what the public sees of a view, from all published months. */
export function publicReport(
  months: readonly PeriodFigures[],
  { view }: Pick<ReportOptions, 'view'>,
): Report {
  const within = ({ from, to }: DayRange) =>
    months.filter((month) => month.from >= from && month.to <= to);
  const periods = within(view);
  const { comparison } = view;
  const earlier = comparison ? within(comparison.before) : [];
  const withFigures = (range: DayRange) => ({ ...range, figures: totalOf(within(range)) });
  return {
    view,
    isPublic: true,
    total: totalOf(periods),
    comparison: comparison && {
      compared: withFigures(comparison.compared),
      before: withFigures(comparison.before),
    },
    // A month that is not shown is not in the sums, although it can have as much as one that is.
    isComparable: (name) =>
      earlier.length === periods.length &&
      [...earlier, ...periods].every((month) => isShown(month, { name })),
    periods,
    commands: undefined,
    active: [],
    share: undefined,
  };
}

/** Returns a figure rounded down to a multiple of 5, and `null` below 5. */
export function publishedFigure(figure: Figure): Figure {
  if (figure === null || figure < STEP) return null;
  return figure - (figure % STEP);
}

/** The exact sum of the kinds would show something of those that are below 5. */
function publishedFigures(figures: Figures): Figures {
  const published = mapFigures((name) => publishedFigure(figures[name]));
  return { ...published, creations: sumOfShown(KINDS.map((kind) => published[kind])) };
}

/** The sum of creations is shown if one of its kinds is. */
function isShown({ figures }: PeriodFigures, { name }: { readonly name: FigureName }): boolean {
  const names = name === 'creations' ? KINDS : [name];
  return names.every((one) => figures[one] !== null);
}

/** A cluster is active in several months, so that of their figures only the highest is no more than the range has. */
function totalOf(months: readonly PeriodFigures[]): Figures {
  return mapFigures((name) => {
    const figures = months.map((month) => month.figures[name]);
    return name === 'activeClusters' ? highestOf(figures) : sumOfShown(figures);
  });
}

function sumOfShown(figures: readonly Figure[]): Figure {
  return figures.reduce((sum, figure) => (figure === null ? sum : (sum ?? 0) + figure), null);
}

function highestOf(figures: readonly Figure[]): Figure {
  return figures.reduce(
    (highest, figure) => (figure !== null && figure > (highest ?? 0) ? figure : highest),
    null,
  );
}
