import { parseArgs } from 'node:util';
import { UsageError } from '../support/usage-error.ts';

export const USAGE = `Usage: npm run chaos -- [--faults N] [--creations N] [--seed N] [--only TEXT]...

  --faults N      how many faults are injected, 60 by default
  --creations N   how many resources are created meanwhile, 1200 by default
  --seed N        which schedule is played; the same again for the same seed. Random by default
  --only TEXT     only faults whose name contains this text. May be given more than once
`;

/** What a run is told from outside. */
export interface ChaosOptions {
  readonly faults: number;
  readonly creations: number;
  readonly seed: number;
  /** Texts of which a fault's name must contain one. Empty means all faults. */
  readonly only: readonly string[];
}

const FLAGS = {
  faults: { type: 'string', default: '60' },
  creations: { type: 'string', default: '1200' },
  seed: { type: 'string' },
  only: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads the command line. Throws a `UsageError`. */
export function parseOptions(
  args: readonly string[],
  { randomSeed }: { readonly randomSeed: () => number },
): 'help' | ChaosOptions {
  const values = valuesIn(args);
  if (values.help) return 'help';
  const { faults, creations, seed = String(randomSeed()) } = values;
  return {
    faults: wholeNumber('--faults', faults),
    creations: wholeNumber('--creations', creations),
    seed: wholeNumber('--seed', seed),
    only: values.only ?? [],
  };
}

function valuesIn(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${flag} must be a whole number below a thousand million, not "${text}".`);
}

/** What plays the same schedule again. */
export function commandOf({ faults, creations, seed, only }: ChaosOptions): string {
  const names = only.map((text) => ` --only '${text}'`).join('');
  return `npm run chaos -- --faults ${faults} --creations ${creations} --seed ${seed}${names}`;
}
