import { Argument, Command, CommanderError, Option } from 'commander';
import type { Argument as ArgumentRow, CommandSpec, CommandTable, Flag, Flags } from './command.ts';
import { UsageError } from './command-error.ts';
import { defaultsOf } from './flags.ts';
import { HELP_WIDTH, helpPage, usageLine } from './help-page.ts';
import type { ParseOptions } from './parse.ts';
import type { Invocation } from './plain.ts';
import { usageMessage } from './usage-message.ts';

/** Our help has its width already and no colours, so commander need not look at the terminal. */
const PLAIN_OUTPUT = {
  writeErr: () => {},
  getOutHelpWidth: () => HELP_WIDTH,
  getErrHelpWidth: () => HELP_WIDTH,
  getOutHasColors: () => true,
  getErrHasColors: () => true,
  stripColor: (text: string) => text,
};

/**
 * Parses as `parseCommandLine` does, by commander.
 *
 * commander checks words, flags and values, and suggests the right one for a wrong one. The help pages
 * are ours.
 */
export function parseWithCommander(
  args: readonly string[],
  { table, version }: ParseOptions,
): Invocation | string {
  const printed: string[] = [];
  const chosen: Invocation[] = [];
  const root = newCommand('').version(version, '--version').addOption(new Option('--no-color'));
  const { commands, groups } = partFor(args, table);
  for (const group of groups) root.addCommand(newCommand(group));
  for (const spec of commands) {
    const command = addRow(newCommand(spec.name), spec);
    command.action(() => {
      const flags = { ...defaultsOf(spec), ...flagsGiven(command, spec.flags), ...globalFlags() };
      chosen.push({ command: spec, flags, args: command.args });
    });
    const parent = root.commands.find((group) => spec.name.startsWith(`${group.name()} `)) ?? root;
    parent.addCommand(command);
  }
  try {
    root.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
  }
  return chosen[0] ?? printed.join('');

  function globalFlags(): Flags {
    return root.opts().color === false ? { 'no-color': true } : {};
  }

  function newCommand(name: string): Command {
    return new Command(name.split(' ').at(-1))
      .helpCommand(false)
      .helpOption('-h, --help')
      .configureHelp({ formatHelp: () => helpPage(name, { table }) })
      .configureOutput({ ...PLAIN_OUTPUT, writeOut: (text) => printed.push(text) })
      .exitOverride((error) => {
        throw error.exitCode === 0 ? error : usageError(error);
      });

    function usageError(error: CommanderError): UsageError {
      const what = usageMessage(error, { args, name, table });
      const help = `See kusk ${name === '' ? '' : `${name} `}--help.`;
      return new UsageError(`${what}\n${usageLine(name, { table })}\n${help}`, { cause: error });
    }
  }
}

interface TablePart {
  readonly commands: readonly CommandSpec[];
  readonly groups: readonly string[];
}

/**
 * Returns the commands whose words all stand in the command line, with their groups, or everything if
 * there is none. commander takes half a millisecond for each command that it is given.
 */
function partFor(args: readonly string[], { commands, groups }: CommandTable): TablePart {
  const named = commands.filter(({ name }) => name.split(' ').every((word) => args.includes(word)));
  if (named.length === 0) return { commands, groups: Object.keys(groups) };
  const needed = Object.keys(groups).filter((group) =>
    named.some(({ name }) => name.startsWith(`${group} `)),
  );
  return { commands: named, groups: needed };
}

function addRow(command: Command, { arguments: rows = [], flags }: CommandSpec): Command {
  for (const row of rows) command.addArgument(argumentOf(row));
  for (const flag of flags) {
    const [option, ...hidden] = optionsOf(flag);
    if (option) command.addOption(option);
    for (const alias of hidden) command.addOption(alias.hideHelp());
  }
  return command;
}

function argumentOf({ name, choices, isOptional, isRepeated }: ArgumentRow): Argument {
  const inner = isRepeated ? `${name}...` : name;
  const argument = new Argument(isOptional ? `[${inner}]` : `<${inner}>`);
  return choices ? argument.choices(choices) : argument;
}

/** The flag itself, then its aliases: commander has none for options. */
function optionsOf({ name, short, aliases = [], value, choices }: Flag): readonly Option[] {
  const after = value === undefined ? '' : ` <${value}>`;
  const options = [name, ...aliases].map((long, index) => {
    const letter = short !== undefined && index === 0 ? `-${short}, ` : '';
    return new Option(`${letter}--${long}${after}`);
  });
  return choices ? options.map((option) => option.choices(choices)) : options;
}

/** What the command line has, under each flag's own name. */
function flagsGiven(command: Command, flags: readonly Flag[]): Flags {
  const given = flags.flatMap((flag) => {
    const option = optionsOf(flag).findLast(
      (one) => command.getOptionValueSource(one.attributeName()) === 'cli',
    );
    if (!option) return [];
    const value: unknown = command.getOptionValue(option.attributeName());
    return [[flag.name, typeof value === 'string' ? value : true] as const];
  });
  return Object.fromEntries(given);
}
