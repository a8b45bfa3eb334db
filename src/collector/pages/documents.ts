import type { DayRange } from '../store/snapshot.ts';
import type { FigureName, Figures } from './figures.ts';
import type { RangeFigures, Report } from './report.ts';

/** Which figures a document has. */
export interface DocumentOptions {
  readonly names: readonly FigureName[];
}

/** A line of the CSV: what it is about, and its figures. */
interface Row extends DayRange {
  /** `total`, `compared`, `before`, `day`, `week`, `month`, a command, or `active-7` for the last 7 days. */
  readonly row: string;
  readonly complete: boolean;
  readonly figures: Partial<Figures>;
}

/** Returns a report as JSON. Figures that must not be shown are `null`. */
export function jsonDocument(report: Report, { names }: DocumentOptions) {
  const { view, total, comparison, periods, commands, active, share, isPublic } = report;
  return {
    range: { from: view.from, to: view.to, by: view.by },
    today: view.today,
    public: isPublic,
    total: pick(total, { names }),
    compared: jsonOf(comparison?.compared, { names }),
    before: jsonOf(comparison?.before, { names }),
    periods: periods.map(({ from, to, isComplete, figures }) => ({
      from,
      to,
      complete: isComplete,
      ...pick(figures, { names }),
    })),
    ...(names.includes('cliUsages') && {
      commands: commands ? Object.fromEntries(commands) : null,
    }),
    ...(names.includes('activeClusters') && {
      active: active.map(({ days, from, to, clusters }) => ({ days, from, to, clusters })),
      share: share ?? null,
    }),
  };
}

function jsonOf(range: RangeFigures | undefined, { names }: DocumentOptions) {
  return range ? { from: range.from, to: range.to, ...pick(range.figures, { names }) } : null;
}

/** Returns a report as CSV by RFC 4180. Figures that must not be shown are empty. */
export function csvDocument(report: Report, { names }: DocumentOptions): string {
  const lines = rowsOf(report, { names }).map(({ row, from, to, complete, figures }) =>
    [row, from, to, complete, ...names.map((name) => figures[name] ?? '')].join(','),
  );
  return toCsv([['row', 'from', 'to', 'complete', ...names].join(','), ...lines]);
}

/** Joins the lines of a CSV. */
export function toCsv(lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join('');
}

function rowsOf(report: Report, { names }: DocumentOptions): readonly Row[] {
  const { view, total, comparison, periods, commands = new Map(), active } = report;
  const { from, to, by, today } = view;
  const whole = { from, to, complete: to < today };
  const usages = names.includes('cliUsages') ? [...commands] : [];
  const windows = names.includes('activeClusters') ? active : [];
  return [
    { row: 'total', ...whole, figures: total },
    ...Object.entries(comparison ?? {}).map(([row, one]) => ({ row, complete: true, ...one })),
    ...periods.map((one) => ({ row: by, ...one, complete: one.isComplete })),
    ...usages.map(([command, cliUsages]) => ({
      row: `kusk ${command}`,
      ...whole,
      figures: { cliUsages },
    })),
    ...windows.map(({ days, clusters, ...range }) => ({
      row: `active-${days}`,
      ...range,
      complete: range.to < today,
      figures: { activeClusters: clusters },
    })),
  ];
}

function pick(figures: Figures, { names }: DocumentOptions): Partial<Figures> {
  return Object.fromEntries(names.map((name) => [name, figures[name]]));
}
