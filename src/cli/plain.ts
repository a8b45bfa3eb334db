import type { Argument, CommandSpec, CommandTable, Flag, Flags } from './command.ts';
import { defaultsOf, GLOBAL_FLAGS } from './flags.ts';

/** A command, with what was given to it. */
export interface Invocation {
  readonly command: CommandSpec;
  readonly flags: Flags;
  readonly args: readonly string[];
}

/** A flag as it is spelled on the command line, and its value. */
interface Given {
  readonly flag: Flag;
  readonly value: string | true;
  /** Whether the value is the next word. */
  readonly takesNext: boolean;
}

/**
 * Parses a command line that is right and spelled plainly: the command, then arguments, `--flag value`,
 * `--flag=value` and `-f value`.
 *
 * Returns `undefined` for any other, which commander then parses or refuses: to load it takes longer than
 * all that most commands do. A test compares both.
 */
export function parsePlain(
  line: readonly string[],
  { commands }: CommandTable,
): Invocation | undefined {
  const command = commands.find(({ name }) => beginsWith(line, name));
  const read = command && readRest(line.slice(command.name.split(' ').length), command);
  if (!read || !areFitting(read.args, command.arguments)) return undefined;
  return { command, flags: { ...defaultsOf(command), ...read.flags }, args: read.args };
}

/** Returns whether a command line begins with the words of a name. A word with blanks is none of them. */
function beginsWith(line: readonly string[], name: string): boolean {
  return name.split(' ').every((word, index) => line[index] === word);
}

function readRest(
  rest: readonly string[],
  command: CommandSpec,
): Omit<Invocation, 'command'> | undefined {
  const flags: Record<string, string | true> = {};
  const args: string[] = [];
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? '';
    if (!word.startsWith('-')) {
      args.push(word);
      continue;
    }
    const given = readFlag(word, { next: rest[index + 1], command });
    if (!given) return undefined;
    flags[given.flag.name] = given.value;
    if (given.takesNext) index += 1;
  }
  return { flags, args };
}

interface FlagContext {
  /** The next word, which may be the flag's value. */
  readonly next: string | undefined;
  readonly command: CommandSpec;
}

function readFlag(word: string, { next, command }: FlagContext): Given | undefined {
  const [spelling = '', ...after] = word.split('=');
  const flag = flagOf(spelling, command);
  const isJoined = after.length > 0;
  if (!flag || (isJoined && !word.startsWith('--'))) return undefined;
  if (flag.value === undefined)
    return isJoined ? undefined : { flag, value: true, takesNext: false };
  const value = isJoined ? after.join('=') : next;
  if (value === undefined || !isFit(value, flag)) return undefined;
  return { flag, value, takesNext: !isJoined };
}

function flagOf(spelling: string, { flags }: CommandSpec): Flag | undefined {
  const all: readonly Flag[] = [...flags, ...GLOBAL_FLAGS];
  return all.find(({ name, short }) => [`--${name}`, short && `-${short}`].includes(spelling));
}

/** What begins with a dash may be a forgotten value. */
function isFit(value: string, { choices }: Flag): boolean {
  return !value.startsWith('-') && (choices?.includes(value) ?? true);
}

function areFitting(args: readonly string[], rows: readonly Argument[] = []): boolean {
  const least = rows.filter(({ isOptional }) => isOptional !== true).length;
  const most = rows.at(-1)?.isRepeated === true ? Number.POSITIVE_INFINITY : rows.length;
  if (args.length < least || args.length > most) return false;
  return args.every((arg, index) => rows[index]?.choices?.includes(arg) ?? true);
}
