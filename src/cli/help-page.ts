import type { Argument, CommandSpec, CommandTable, Flag } from './command.ts';
import { GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG } from './flags.ts';
import { table as tableText } from './output/table.ts';
import { wrapText } from './output/wrap.ts';

/** The width that help is laid out for, in characters. */
export const HELP_WIDTH = 80;

const ABOUT = `Installs Kusk Gateway's telemetry operator, and shows and switches telemetry.

Telemetry counts how Kusk Gateway is used, in seven numbers from anonymous data.`;

export interface HelpOptions {
  readonly table: CommandTable;
}

/**
 * Returns the help of a command (`cluster install`), of a group (`cluster`), or of `kusk` itself for
 * an empty name, laid out for 80 columns.
 */
export function helpPage(name: string, { table }: HelpOptions): string {
  const command = table.commands.find((one) => one.name === name);
  return command ? commandPage(command, { table }) : overview(name, { table });
}

/** Returns `Usage: kusk cluster install [flags]`. */
export function usageLine(name: string, { table }: HelpOptions): string {
  const command = table.commands.find((one) => one.name === name);
  const words = command ? (command.arguments ?? []).map(argumentTerm) : ['COMMAND'];
  return ['Usage: kusk', ...(name === '' ? [] : [name]), ...words, '[flags]'].join(' ');
}

/** Returns `-n, --namespace NAME`. */
export function flagTerm({ name, short, value }: Flag): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

/** Returns the help of a flag with its choices and its default. */
export function flagHelp({ help, choices, default: value }: Flag): string {
  const more = [
    ...(choices ? [choices.join(', ')] : []),
    ...(value === undefined ? [] : [`default: ${value}`]),
  ];
  return more.length === 0 ? help : `${help} (${more.join('; ')})`;
}

export function argumentTerm({ name, isOptional, isRepeated }: Argument): string {
  const inner = isRepeated ? `${name}...` : name;
  return isOptional ? `[${inner}]` : inner;
}

function commandPage(
  { name, summary, description, arguments: args = [], flags, examples }: CommandSpec,
  { table }: HelpOptions,
): string {
  return sections([
    text(description === undefined ? `${summary}.` : `${summary}.\n\n${description}`),
    usageLine(name, { table }),
    list(
      'Arguments:',
      args.map(({ name: term, help, choices = [] }) => [
        term,
        choices.length === 0 ? help : `${help} (${choices.join(', ')})`,
      ]),
    ),
    flagList([...flags, ...GLOBAL_FLAGS, HELP_FLAG]),
    examples.length === 0
      ? ''
      : ['Examples:', ...examples.map(({ command, why }) => `  # ${why}\n  ${command}`)].join('\n'),
  ]);
}

function overview(name: string, { table }: HelpOptions): string {
  const start = name === '' ? '' : `${name} `;
  const commands = table.commands.filter((command) => command.name.startsWith(start));
  return sections([
    text(name === '' ? ABOUT : `${table.groups[name]}.`),
    usageLine(name, { table }),
    list(
      'Commands:',
      commands.map((command) => [command.name, command.summary]),
    ),
    flagList([...GLOBAL_FLAGS, ...(name === '' ? [VERSION_FLAG] : []), HELP_FLAG]),
    `See kusk ${start}COMMAND --help for the flags and examples of a command.`,
  ]);
}

function sections(all: readonly string[]): string {
  return `${all.filter((section) => section !== '').join('\n\n')}\n`;
}

function text(paragraphs: string): string {
  return wrapText(paragraphs, { width: HELP_WIDTH });
}

/** Flags with and without a letter stand in one column. */
function flagList(flags: readonly Flag[]): string {
  return list(
    'Flags:',
    flags.map((flag) => [
      flag.short === undefined ? `    ${flagTerm(flag)}` : flagTerm(flag),
      flagHelp(flag),
    ]),
  );
}

function list(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length === 0
    ? ''
    : `${title}\n${tableText(rows, { columns: HELP_WIDTH, indent: 2 })}`;
}
