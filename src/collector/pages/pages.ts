import type { Markup } from '../../web/layout.ts';
import type { Snapshot } from '../store/snapshot.ts';
import { csvDocument, jsonDocument } from './documents.ts';
import { FIGURE_NAMES, type FigureName, figureNamesOf, NUMBER_PAGES } from './figures.ts';
import type { PageContext } from './frame.ts';
import { numberPage } from './number-page.ts';
import { overviewPage } from './overview-page.ts';
import { parsePublicView } from './public-view.ts';
import { publicReport } from './published.ts';
import { receivedBy, receivedCsv, receivedPage, refusedOf } from './received-page.ts';
import { computeReport, type PeriodFigures, type Report } from './report.ts';
import { MAX_PERIODS, parseView } from './view.ts';
import { welcomePage } from './welcome-page.ts';

export interface PresentOptions {
  readonly query: Readonly<Record<string, string>>;
  readonly format: Format;
  /** The current UTC day. */
  readonly today: string;
}

/** The store, for a person with the key. */
export interface FullSource {
  readonly access: 'full';
  readonly snapshot: Snapshot;
}

/** All published months, for everybody else. */
export interface PublicSource {
  readonly access: 'public';
  readonly months: readonly PeriodFigures[];
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

interface Paths {
  readonly paths: readonly string[];
  /** The path of the files, without `.json` and `.csv`. */
  readonly files: string;
}

interface PublicPage extends Paths {
  readonly needsKey: false;
  /** Reads the data. Throws 400 for a wrong query. */
  readonly present: (source: FullSource | PublicSource, options: PresentOptions) => Presentation;
}

/** The public may not see it. */
interface KeyPage extends Paths {
  readonly needsKey: true;
  readonly present: (source: FullSource) => Presentation;
}

/** A page and its files. */
export type Page = PublicPage | KeyPage;

/** Every page of the collector, but the form for the key. */
export const PAGES: readonly Page[] = [
  {
    paths: ['/', '/numbers'],
    files: '/numbers',
    needsKey: false,
    present(source, options) {
      const { report, ...documents } = documentsOf(source, { ...options, names: FIGURE_NAMES });
      const isEmpty = source.access === 'full' && source.snapshot.span() === undefined;
      const refused = isEmpty ? refusedOf(receivedBy(source.snapshot)) : 0;
      return {
        title: isEmpty ? 'No events yet' : 'The seven numbers',
        content: (context) =>
          isEmpty ? welcomePage({ ...options, refused }) : overviewPage(report, context),
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
      present(source, options) {
        const names = figureNamesOf(page);
        const { report, ...documents } = documentsOf(source, { ...options, names });
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
    present({ snapshot }) {
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

function documentsOf(source: FullSource | PublicSource, { names, ...options }: DocumentsOptions) {
  const report = reportFor(source, options);
  const { view } = report;
  return {
    report,
    json: () => jsonDocument(report, { names }),
    csv: () => csvDocument(report, { names }),
    fileName: `${view.from}_${view.to}.csv`,
  };
}

function reportFor(
  source: FullSource | PublicSource,
  { query, format, today }: PresentOptions,
): Report {
  if (source.access === 'public') {
    const { months } = source;
    return publicReport(months, { view: parsePublicView(query, { today, months }) });
  }
  const { snapshot } = source;
  const maxPeriods = format === 'html' ? MAX_PERIODS.page : MAX_PERIODS.file;
  const view = parseView(query, { today, span: snapshot.span(), maxPeriods });
  return computeReport(snapshot, { view });
}
