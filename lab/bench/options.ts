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
  'cli',
  'dashboard',
] as const;
export type Section = (typeof SECTIONS)[number];

export const USAGE = `Usage: npm run bench -- [--quick] [--rest SECONDS] [SECTION...]
       npm run bench -- --draw

Measures all sections, or these: ${SECTIONS.join(', ')}. Prints tables, and writes lab/bench/results.json
and docs/performance.md; sections that are not measured stay there as they were.

  --quick          smaller sizes, for a look; nothing is written
  --rest SECONDS   for how long the section "rest" looks on, 300 by default, 15 with --quick
  --draw           draws docs/performance.md again, from lab/bench/results.json
`;

/** What a run is told from outside. */
export interface BenchOptions {
  readonly quick: boolean;
  readonly restSeconds: number;
  readonly sections: readonly Section[];
}

const FLAGS = {
  quick: { type: 'boolean', default: false },
  rest: { type: 'string' },
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
  const sections = positionals.length > 0 ? positionals.map(sectionOf) : SECTIONS;
  return { quick, restSeconds: Number(rest), sections };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function sectionOf(name: string): Section {
  const found = SECTIONS.find((section) => section === name);
  if (found !== undefined) return found;
  throw new UsageError(`There is no section "${name}", only ${SECTIONS.join(', ')}.`);
}
