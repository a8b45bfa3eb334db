import type { CommandSpec, CommandTable, Flags } from './command.ts';
import { defaultsOf } from './flags.ts';

/** A command, with what was given to it. */
export interface Invocation {
  readonly command: CommandSpec;
  readonly flags: Flags;
  readonly args: readonly string[];
}

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
  if (args.length === 0) {
    const { helpPage } = await import('./help-page.ts');
    return helpPage('', { table });
  }
  if (args.length === 1 && args[0] === '--version') return `kusk ${version}\n`;
  const internal = internalIn(args, table);
  if (internal) return internal;
  const plain = withoutFlags(args, table);
  if (plain) return plain;
  // Loading the parser takes longer than all that a command such as `version` does.
  const { parseWithCommander } = await import('./commander.ts');
  return parseWithCommander(args, { table, version });
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

/** Returns the command whose words these are, if nothing is left to parse. */
function withoutFlags(
  words: readonly string[],
  { commands }: CommandTable,
): Invocation | undefined {
  const command = commands.find(({ name }) => name === words.join(' '));
  if (!command || command.arguments?.some(({ isOptional }) => isOptional !== true))
    return undefined;
  return { command, flags: defaultsOf(command), args: [] };
}
