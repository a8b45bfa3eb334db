import { KINDS, type Kind } from '../../event.ts';
import type { Figure } from '../../web/format.ts';
import type { Numbers } from '../numbers/numbers.ts';

/** The name of a figure in JSON and CSV: a number, as in `/v1/numbers`, or a kind of creations. */
export type FigureName = keyof Numbers | Kind;
/** Figures by name. */
export type Figures = Readonly<Record<FigureName, Figure>>;

/** One of the seven numbers, as the pages show it. */
export interface NumberPage {
  /** 1 to 7, as in the catalogue. */
  readonly number: number;
  readonly name: keyof Numbers;
  /** The last part of the page's address. */
  readonly slug: string;
  readonly title: string;
  /** How it is counted, as a sentence. */
  readonly rule: string;
  /** The same for the public, if it sees something else. */
  readonly publicRule?: string;
  /** The figures that it consists of, if it is divided. */
  readonly parts: readonly Kind[];
}

/** The seven numbers in their order. */
export const NUMBER_PAGES: readonly NumberPage[] = [
  {
    number: 1,
    name: 'cliInstallations',
    slug: 'cli-installations',
    title: 'CLI installations',
    rule: 'Each machine counts once, on the earliest day that it reported.',
    parts: [],
  },
  {
    number: 2,
    name: 'cliUsages',
    slug: 'cli-usages',
    title: 'CLI usages',
    rule: 'Each machine counts once per command and UTC day.',
    parts: [],
  },
  {
    number: 3,
    name: 'clusterInstallations',
    slug: 'cluster-installations',
    title: 'Cluster installations',
    rule: 'Each cluster counts once, on the earliest day that it reported.',
    parts: [],
  },
  {
    number: 4,
    name: 'activeClusters',
    slug: 'active-clusters',
    title: 'Active clusters',
    rule: 'Each cluster counts once: in a day, in a week, in a month, and in the whole range. So the bars do not add up to the figure of the range.',
    publicRule:
      'Each cluster counts once in a month. The figure of the range is that of its highest month.',
    parts: [],
  },
  {
    number: 5,
    name: 'disabled',
    slug: 'opt-outs',
    title: 'Telemetry switched off',
    rule: 'Each observed switch from on to off counts once.',
    parts: [],
  },
  {
    number: 6,
    name: 'uiSessions',
    slug: 'ui-sessions',
    title: 'UI sessions',
    rule: 'Each browser session counts once.',
    parts: [],
  },
  {
    number: 7,
    name: 'creations',
    slug: 'creations',
    title: 'Resources created',
    rule: 'Each custom resource counts once, by its UID.',
    parts: KINDS,
  },
];

export const FIGURE_NAMES: readonly FigureName[] = NUMBER_PAGES.flatMap(figureNamesOf);

/** Returns the names of the figures that a page of one number shows. */
export function figureNamesOf({ name, parts }: NumberPage): readonly FigureName[] {
  return [name, ...parts];
}

/** Returns the figures of the seven numbers. */
export function figuresFrom({ creations, ...numbers }: Numbers): Figures {
  const total = KINDS.reduce((sum, kind) => sum + creations[kind], 0);
  return { ...numbers, creations: total, ...creations };
}

/** Returns the sum of figures, name by name. */
export function sumOf(all: readonly Figures[]): Figures {
  return mapFigures((name) => all.reduce((sum, figures) => sum + (figures[name] ?? 0), 0));
}

/** Creates figures from their names. */
export function mapFigures(figure: (name: FigureName) => Figure): Figures {
  return Object.fromEntries(FIGURE_NAMES.map((name) => [name, figure(name)])) as Figures;
}
