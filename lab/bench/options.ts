import { parseArgs } from 'node:util';
import { UsageError } from '../support/usage-error.ts';

export const SECTIONS = [
  'start',
  'burst',
  'sync',
  'memory',
  'applied',
  'many',
  'rest',
  'recovery',
  'collector',
  'store',
  'cli',
  'dashboard',
] as const;
export type Section = (typeof SECTIONS)[number];

export const USAGE = `Usage: npm run bench -- [--quick] [--rest SECONDS] [--events N] [--clickhouse-events N] [SECTION...]
       npm run bench -- --draw

Measures all sections, or these: ${SECTIONS.join(', ')}. Prints tables, and writes lab/bench/results.json
and docs/performance.md; sections that are not measured stay there as they were.

  --quick          smaller sizes, for a look; nothing is written
  --rest SECONDS   for how long the section "rest" looks on, 300 by default, 15 with --quick
  --events N       how many events the section "store" has in SQLite, 10000000 by default, 100000 with --quick
  --clickhouse-events N
                   and in ClickHouse; as many by default. 0 leaves it out
  --draw           draws docs/performance.md again, from lab/bench/results.json
`;

/** What a run is told from outside. */
export interface BenchOptions {
  readonly quick: boolean;
  readonly restSeconds: number;
  /** Of the section "store". */
  readonly events: { readonly sqlite: number; readonly clickhouse: number };
  readonly sections: readonly Section[];
}

const FLAGS = {
  quick: { type: 'boolean', default: false },
  rest: { type: 'string' },
  events: { type: 'string' },
  'clickhouse-events': { type: 'string' },
  draw: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads the command line. Throws a `UsageError`. */
export function parseOptions(args: readonly string[]): 'help' | 'draw' | BenchOptions {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  if (values.draw) return 'draw';
  const { quick, rest = quick ? '15' : '300' } = values;
  if (!/^[1-9]\d{0,4}$/.test(rest)) {
    throw new UsageError(`--rest must be a number of seconds from 1 to 99999, not "${rest}".`);
  }
  const { events = quick ? '100000' : '10000000', 'clickhouse-events': inClickHouse = events } =
    values;
  const sections = positionals.length > 0 ? positionals.map(sectionOf) : SECTIONS;
  return {
    quick,
    restSeconds: Number(rest),
    events: { sqlite: eventsOf(events), clickhouse: eventsOf(inClickHouse) },
    sections,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function eventsOf(text: string): number {
  if (/^(?:0|[1-9]\d{2,7})$/.test(text)) return Number(text);
  throw new UsageError(`A number of events must be 0, or from 100 to 99999999, not "${text}".`);
}

function sectionOf(name: string): Section {
  const found = SECTIONS.find((section) => section === name);
  if (found !== undefined) return found;
  throw new UsageError(`There is no section "${name}", only ${SECTIONS.join(', ')}.`);
}
