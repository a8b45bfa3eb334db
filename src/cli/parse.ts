import type { CommandTable } from './command.ts';
import { type Invocation, parsePlain } from './plain.ts';

export interface ParseOptions {
  readonly table: CommandTable;
  readonly version: string;
}

/**
 * Parses a command line, without the program's own name.
 *
 * Returns a text if that is all there is to print, as for `--help`. Throws a `UsageError` for a wrong
 * word or flag.
 */
export async function parseCommandLine(
  args: readonly string[],
  { table, version }: ParseOptions,
): Promise<Invocation | string> {
  const name = nameOfHelp(args, table);
  if (name !== undefined) {
    const { helpPage } = await import('./help-page.ts');
    return helpPage(name, { table });
  }
  if (args.length === 1 && args[0] === '--version') return `kusk ${version}\n`;
  const internal = internalIn(args, table);
  if (internal) return internal;
  const plain = parsePlain(args, table);
  if (plain) return plain;
  const { parseWithCommander } = await import('./commander.ts');
  return parseWithCommander(args, { table, version });
}

/** Returns the name of the command or group whose help is wanted: `cluster install --help`. */
function nameOfHelp(
  args: readonly string[],
  { commands, groups }: CommandTable,
): string | undefined {
  if (args.length === 0) return '';
  if (!['--help', '-h'].includes(args.at(-1) ?? '')) return undefined;
  const name = args.slice(0, -1).join(' ');
  const isKnown =
    name === '' || Object.hasOwn(groups, name) || commands.some((one) => one.name === name);
  return isKnown ? name : undefined;
}

function internalIn(
  [first = '', ...args]: readonly string[],
  { internal }: CommandTable,
): Invocation | undefined {
  const load = Object.hasOwn(internal, first) ? internal[first] : undefined;
  if (!load) return undefined;
  const row = { summary: '', flags: [], examples: [], counted: false } as const;
  return { command: { ...row, name: first, load }, flags: {}, args };
}
