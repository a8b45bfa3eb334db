import { CREATED, catalogued, KINDS, type Kind } from '../../event.ts';
import type { DayRange, Queries } from '../store/queries.ts';
import type { Tally } from '../store/tally.ts';

/** The seven numbers, of one day or of many. */
export interface Numbers {
  /** 1: machines, each on the earliest day that it told. */
  readonly cliInstallations: number;
  /** 2: machines, commands and UTC days. */
  readonly cliUsages: number;
  /** 3: clusters, each on the earliest day that it told. */
  readonly clusterInstallations: number;
  /** 4: clusters that were active: of many days, each cluster is still one. */
  readonly activeClusters: number;
  /** 5: messages, of operator and CLI. */
  readonly disabled: number;
  /** 6: messages, one for a browser session. */
  readonly uiSessions: number;
  /** 7: messages, one for the UID of a resource. */
  readonly creations: Readonly<Record<Kind, number>>;
}

export interface DayNumbers extends Numbers {
  readonly day: string;
}

export interface NumbersReport {
  readonly total: Numbers;
  /** The days on which anything was told, in order. */
  readonly days: readonly DayNumbers[];
}

/** The first and the last UTC day that are asked for; without one, as far as there are any. */
export interface Bounds {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** What makes two events count as one. The names are those of the design's table. */
const ONCE_PER = {
  subject: ({ newcomers }: Tally) => newcomers,
  subjectAndDay: ({ subjects }: Tally) => subjects,
  message: ({ messages }: Tally) => messages,
};

/** The rule of each number, by its name. A command is an event of its own, so 2 needs no more. */
const RULES = [
  { number: 1, name: 'cliInstallations', count: ONCE_PER.subject },
  { number: 2, name: 'cliUsages', count: ONCE_PER.subjectAndDay },
  { number: 3, name: 'clusterInstallations', count: ONCE_PER.subject },
  { number: 4, name: 'activeClusters', count: ONCE_PER.subjectAndDay },
  { number: 5, name: 'disabled', count: ONCE_PER.message },
  { number: 6, name: 'uiSessions', count: ONCE_PER.message },
] as const;

/** From before all days to after them. */
const ALL_DAYS: DayRange = { from: '0000-01-01', to: '9999-12-31' };

/** The seven numbers, by day and of all these days together. */
export function computeNumbers(store: Queries, { from, to }: Bounds = {}): NumbersReport {
  const range = { from: from ?? ALL_DAYS.from, to: to ?? ALL_DAYS.to };
  const tallies = store.tallies(range);
  const isAll = from === undefined && to === undefined;
  const activeClusters = isAll ? newClusters(tallies) : clustersIn(store, range);
  const byDay = Map.groupBy(tallies, ({ day }) => day);
  return {
    total: { ...counted(tallies), activeClusters },
    days: [...byDay].map(([day, ofDay]) => ({ day, ...counted(ofDay) })),
  };
}

function counted(tallies: readonly Tally[]): Numbers {
  const plain = RULES.map(({ number, name, count }) => [
    name,
    sum(tallies.filter(isOf(number)), { count }),
  ]);
  const creations = KINDS.map((kind) => [
    kind,
    sum(tallies.filter(isCreationOf(kind)), { count: ONCE_PER.message }),
  ]);
  return { ...Object.fromEntries(plain), creations: Object.fromEntries(creations) } as Numbers;
}

function newClusters(tallies: readonly Tally[]): number {
  return sum(tallies.filter(isOf(4)), { count: ONCE_PER.subject });
}

/** Of some days only, no tally tells how many clusters they have in common. */
function clustersIn(store: Queries, range: DayRange): number {
  return store.subjects({ source: 'kusk-gateway', name: 'heartbeat', ...range });
}

function isOf(number: number) {
  return ({ source, name }: Tally) => catalogued(source, name)?.number === number;
}

function isCreationOf(kind: Kind) {
  return ({ name }: Tally) => name === CREATED[kind];
}

function sum(tallies: readonly Tally[], { count }: { count: (tally: Tally) => number }): number {
  return tallies.reduce((total, tally) => total + count(tally), 0);
}
