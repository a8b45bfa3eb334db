import type { CommandSpec, CommandTable, Flag } from '../command.ts';
import { GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG } from '../flags.ts';

/** A word that can come next, with what a shell shows beside it. */
export interface Word {
  readonly word: string;
  readonly help: string;
}

/** A flag that can come next. */
export interface FlagWord {
  /** With their dashes: `-o` and `--output`. */
  readonly spellings: readonly string[];
  readonly help: string;
  /** What its value is: one of these words, a file, any text, or `undefined` if it takes none. */
  readonly value: readonly string[] | 'file' | 'text' | undefined;
}

/** What can follow the words of `kusk` so far. */
export interface Place {
  /** The words without flags: `cluster install`, or nothing for `kusk` itself. */
  readonly after: string;
  readonly words: readonly Word[];
  readonly flags: readonly FlagWord[];
}

/** Returns every place on the command line where something can follow. */
export function places({ commands, groups }: CommandTable): readonly Place[] {
  const shared = [...GLOBAL_FLAGS, HELP_FLAG].map(flagWord);
  const prefixes = ['', ...Object.keys(groups)];
  return [
    ...prefixes.map((after) => ({
      after,
      words: following(after, { commands, groups }),
      flags: after === '' ? [...shared, flagWord(VERSION_FLAG)] : shared,
    })),
    ...commands.map((command) => ({
      after: command.name,
      words: argumentWords(command, { commands, groups }),
      flags: [...command.flags.map(flagWord), ...shared],
    })),
    ...helpPlaces(prefixes, { commands, groups }),
  ];
}

type Table = Pick<CommandTable, 'commands' | 'groups'>;

/** `kusk help` takes the words of a command: after `help cluster` comes what follows `cluster`. */
function helpPlaces(prefixes: readonly string[], table: Table): readonly Place[] {
  return prefixes
    .filter((prefix) => prefix !== '')
    .map((prefix) => ({
      after: `help ${prefix}`,
      words: following(prefix, table),
      flags: [],
    }));
}

/** Returns the next words of the commands that begin with these. */
function following(after: string, { commands, groups }: Table): readonly Word[] {
  const start = after === '' ? '' : `${after} `;
  const next = new Map<string, string>();
  for (const { name, summary } of commands) {
    if (!name.startsWith(start)) continue;
    const [word = '', ...more] = name.slice(start.length).split(' ');
    next.set(word, more.length === 0 ? summary : (groups[word] ?? ''));
  }
  return [...next].map(([word, help]) => ({ word, help }));
}

function argumentWords({ arguments: args = [] }: CommandSpec, table: Table): readonly Word[] {
  const [first] = args;
  if (first?.name === 'COMMAND') return following('', table);
  return (first?.choices ?? []).map((word) => ({ word, help: '' }));
}

function flagWord({ name, short, value, choices, help }: Flag): FlagWord {
  return {
    spellings: [...(short === undefined ? [] : [`-${short}`]), `--${name}`],
    help,
    value: value === undefined ? undefined : (choices ?? (value === 'FILE' ? 'file' : 'text')),
  };
}

/** Returns each flag that takes a value, as `PLACE --flag`, with that value. */
export function valuePlaces(all: readonly Place[]): readonly (readonly [string, FlagWord])[] {
  return all.flatMap(({ after, flags }) =>
    flags
      .filter(({ value }) => value !== undefined)
      .flatMap((flag) => flag.spellings.map((spelling) => [`${after} ${spelling}`, flag] as const)),
  );
}
