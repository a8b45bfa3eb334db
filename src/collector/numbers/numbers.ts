import { CLI_COMMANDS, CREATED, catalogued, KINDS, type Kind } from '../../event.ts';
import type { DayRange, Snapshot, Tally } from '../store/snapshot.ts';

/** The seven numbers of one day or of a range of days. */
export interface Numbers {
  /** 1: machines, each counted on the earliest day of its install event. */
  readonly cliInstallations: number;
  /** 2: combinations of a machine, a command and a UTC day. */
  readonly cliUsages: number;
  /** 3: clusters, each counted on the earliest day of its install event. */
  readonly clusterInstallations: number;
  /** 4: active clusters. A cluster counts once in a range of days. */
  readonly activeClusters: number;
  /** 5: messages of the operator and the CLI. */
  readonly disabled: number;
  /** 6: messages, one per browser session. */
  readonly uiSessions: number;
  /** 7: messages, one per UID of a resource. */
  readonly creations: Readonly<Record<Kind, number>>;
}

export interface DayNumbers extends Numbers {
  readonly day: string;
}

export interface NumbersReport {
  readonly total: Numbers;
  /** The days that have events, in order. */
  readonly days: readonly DayNumbers[];
}

/** The first and the last UTC day of a range. Without one, the range is open at that end. */
export interface Bounds {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** How a number counts its events: once per subject, once per subject and day, or once per message. */
const ONCE_PER = {
  subject: ({ newcomers }: Tally) => newcomers,
  subjectAndDay: ({ subjects }: Tally) => subjects,
  message: ({ messages }: Tally) => messages,
};

/** The rule of each number. Each command is an event of its own, so 2 needs no rule for commands. */
const RULES = [
  { number: 1, name: 'cliInstallations', count: ONCE_PER.subject },
  { number: 2, name: 'cliUsages', count: ONCE_PER.subjectAndDay },
  { number: 3, name: 'clusterInstallations', count: ONCE_PER.subject },
  { number: 4, name: 'activeClusters', count: ONCE_PER.subjectAndDay },
  { number: 5, name: 'disabled', count: ONCE_PER.message },
  { number: 6, name: 'uiSessions', count: ONCE_PER.message },
] as const;

/** A range that contains every day. */
const ALL_DAYS: DayRange = { from: '0000-01-01', to: '9999-12-31' };

/** Computes the seven numbers, for each day and for the whole range. */
export function computeNumbers(snapshot: Snapshot, { from, to }: Bounds = {}): NumbersReport {
  const range = { from: from ?? ALL_DAYS.from, to: to ?? ALL_DAYS.to };
  const tallies = snapshot.tallies(range);
  const isAll = from === undefined && to === undefined;
  const activeClusters = isAll ? newClusters(tallies) : distinctClusters(snapshot, range);
  const byDay = Map.groupBy(tallies, ({ day }) => day);
  return {
    total: { ...countNumbers(tallies), activeClusters },
    days: [...byDay].map(([day, ofDay]) => ({ day, ...countNumbers(ofDay) })),
  };
}

/** Returns how many of number 2 are of each command. */
export function countCommands(snapshot: Snapshot, range: DayRange): ReadonlyMap<string, number> {
  const byName = Map.groupBy(snapshot.tallies(range).filter(isOf(2)), ({ name }) => name);
  const { subjectAndDay: count } = ONCE_PER;
  return new Map(CLI_COMMANDS.map((name) => [name, sum(byName.get(name) ?? [], { count })]));
}

function countNumbers(tallies: readonly Tally[]): Numbers {
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

/** Per-day tallies can't be summed over a range: a cluster active on two days counts once. */
function distinctClusters(snapshot: Snapshot, range: DayRange): number {
  return snapshot.subjects({ source: 'kusk-gateway', name: 'heartbeat', ...range });
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
