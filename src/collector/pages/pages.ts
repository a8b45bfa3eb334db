import type { Markup } from '../../web/layout.ts';
import type { Snapshot } from '../store/snapshot.ts';
import type { Access } from './access.ts';
import { csvDocument, jsonDocument } from './documents.ts';
import { FIGURE_NAMES, type FigureName, figureNamesOf, NUMBER_PAGES } from './figures.ts';
import type { PageContext } from './frame.ts';
import { numberPage } from './number-page.ts';
import { overviewPage } from './overview-page.ts';
import { parsePublicView } from './public-view.ts';
import { publicReport, publishedMonths } from './published.ts';
import { receivedBy, receivedCsv, receivedPage } from './received-page.ts';
import { computeReport, type Report } from './report.ts';
import { MAX_PERIODS, parseView } from './view.ts';
import { welcomePage } from './welcome-page.ts';

export interface PresentOptions {
  readonly query: Readonly<Record<string, string>>;
  readonly access: Exclude<Access, 'none'>;
  readonly format: Format;
  /** The current UTC day. */
  readonly today: string;
}

/** A page, or the same data as a file. */
export type Format = 'html' | 'json' | 'csv';

/** The same data in each format. */
export interface Presentation {
  readonly title: string;
  readonly content: (context: PageContext) => Markup;
  readonly json: () => object;
  readonly csv: () => string;
  /** The name of the CSV file. */
  readonly fileName: string;
}

/** A page and its files. */
export interface Page {
  readonly paths: readonly string[];
  /** The path of the files, without `.json` and `.csv`. */
  readonly files: string;
  /** Whether the public may not see it. */
  readonly needsKey: boolean;
  /** Reads the data. Throws 400 for a wrong query. */
  readonly present: (snapshot: Snapshot, options: PresentOptions) => Presentation;
}

/** Every page of the collector, but the form for the key. */
export const PAGES: readonly Page[] = [
  {
    paths: ['/', '/numbers'],
    files: '/numbers',
    needsKey: false,
    present(snapshot, options) {
      const { report, ...documents } = documentsOf(snapshot, { ...options, names: FIGURE_NAMES });
      const isEmpty = options.access === 'full' && snapshot.span() === undefined;
      return {
        title: isEmpty ? 'No events yet' : 'The seven numbers',
        content: (context) => (isEmpty ? welcomePage(options) : overviewPage(report, context)),
        ...documents,
        fileName: `seven-numbers_${documents.fileName}`,
      };
    },
  },
  ...NUMBER_PAGES.map(
    (page): Page => ({
      paths: [`/numbers/${page.slug}`],
      files: `/numbers/${page.slug}`,
      needsKey: false,
      present(snapshot, options) {
        const names = figureNamesOf(page);
        const { report, ...documents } = documentsOf(snapshot, { ...options, names });
        return {
          title: page.title,
          content: () => numberPage(report, { page }),
          ...documents,
          fileName: `${page.slug}_${documents.fileName}`,
        };
      },
    }),
  ),
  {
    paths: ['/received'],
    files: '/received',
    needsKey: true,
    present(snapshot) {
      const received = receivedBy(snapshot);
      return {
        title: 'Received and refused',
        content: () => receivedPage(received),
        json: () => received,
        csv: () => receivedCsv(received),
        fileName: 'received.csv',
      };
    },
  },
];

interface DocumentsOptions extends PresentOptions {
  readonly names: readonly FigureName[];
}

function documentsOf(snapshot: Snapshot, { names, ...options }: DocumentsOptions) {
  const report = reportFor(snapshot, options);
  const { view } = report;
  return {
    report,
    json: () => jsonDocument(report, { names }),
    csv: () => csvDocument(report, { names }),
    fileName: `${view.from}_${view.to}.csv`,
  };
}

function reportFor(snapshot: Snapshot, { query, access, format, today }: PresentOptions): Report {
  if (access === 'public') {
    const months = publishedMonths(snapshot, { today });
    return publicReport(months, { view: parsePublicView(query, { today, months }) });
  }
  const maxPeriods = format === 'html' ? MAX_PERIODS.page : MAX_PERIODS.file;
  const view = parseView(query, { today, span: snapshot.span(), maxPeriods });
  return computeReport(snapshot, { view });
}
