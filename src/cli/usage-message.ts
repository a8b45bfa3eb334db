import type { CommanderError } from 'commander';
import type { CommandTable } from './command.ts';
import { safeLines, safeText } from './output/safe-text.ts';

export interface UsageMessageOptions {
  /** The whole command line, which the message may quote. */
  readonly args: readonly string[];
  /** The command, or the group, that commander was at. */
  readonly name: string;
  readonly table: CommandTable;
}

/** Returns commander's message, with a suggestion where it has none. A terminal can show it. */
export function usageMessage(
  error: CommanderError,
  { args, name, table }: UsageMessageOptions,
): string {
  const words = wordsAfter(name, table);
  if (error.code === 'commander.help') return `${name} needs a command: ${words.join(', ')}`;
  const message = safeLines(withSafe(args, error.message.replace(/^error: /, '')));
  if (error.code === 'commander.missingArgument') return `${message}${choicesAt(name, table)}`;
  if (error.code !== 'commander.unknownCommand' || message.includes('\n')) return message;
  const unknown = /'(?<word>.*)'/s.exec(message)?.groups?.word ?? '';
  const meant = table.commands.filter((command) => command.name.endsWith(` ${unknown}`));
  if (meant.length === 0) return `${message}\nCommands: ${words.join(', ')}`;
  return `${message}\n(Did you mean ${meant.map((command) => command.name).join(' or ')}?)`;
}

/** What the first argument of a command can be, if that is a choice. */
function choicesAt(name: string, { commands }: CommandTable): string {
  const [first] = commands.find((command) => command.name === name)?.arguments ?? [];
  return first?.choices ? `: one of ${first.choices.join(', ')}` : '';
}

/** The words that can follow a group, or `kusk` itself. */
function wordsAfter(group: string, { commands }: CommandTable): readonly string[] {
  const start = group === '' ? '' : `${group} `;
  const following = commands
    .filter((command) => command.name.startsWith(start))
    .map((command) => command.name.slice(start.length).split(' ')[0] ?? '');
  return [...new Set(following)];
}

/** A line break within an argument is escaped too. Those of the message stay. */
function withSafe(args: readonly string[], message: string): string {
  return args.reduce(
    (text, arg) => (arg === '' ? text : text.replaceAll(arg, () => safeText(arg))),
    message,
  );
}
