import type { CountedCommand } from '../record/machine-events.ts';
import { messageOf } from '../runtime/message-of.ts';
import type { CommandContext, CommandSpec, ExitCode } from './command.ts';
import { CommandError } from './command-error.ts';
import type { Pending } from './machine/spool.ts';
import { readNamespace } from './namespace.ts';
import { safeLines } from './output/safe-text.ts';
import type { Terminal } from './output/terminal.ts';
import { wrapSentences } from './output/wrap.ts';
import { SEND_SPOOL, startSender } from './sender.ts';

/**
 * Runs a command, prints its error to stderr, and resolves to the exit code.
 *
 * Never rejects.
 */
export async function invoke(command: CommandSpec, context: CommandContext): Promise<ExitCode> {
  try {
    // A wrong name fails also if no cluster is looked at, and is not counted.
    if (command.flags.some(({ name }) => name === 'namespace')) readNamespace(context.flags);
    const loading = command.load();
    // Its failure is handled below.
    loading.catch(() => undefined);
    const pending = await prepare(command, context);
    // Perhaps the senders here end with their commands: this one gets as much time as the command has.
    if (pending === 'of earlier runs') startSender(context, SEND_SPOOL);
    const { run } = await loading;
    const running = run(context);
    return pending === 'of this run' ? await during(running, context) : await running;
  } catch (error) {
    return printError(error, context);
  }
}

/** After this time a command seems to wait for its cluster, in milliseconds. */
const WAITING_MS = 1_000;

/**
 * Starts the sender when the command ends, because both would take processor time at the same time. A
 * command that runs for long starts it while it waits.
 */
async function during(running: Promise<ExitCode>, context: CommandContext): Promise<ExitCode> {
  const { promise: waiting, resolve } = Promise.withResolvers<void>();
  const cancel = context.time.after(WAITING_MS, resolve);
  const ended = running.then(cancel, cancel);
  await Promise.race([waiting, ended]);
  startSender(context, SEND_SPOOL);
  return await running;
}

/** Counts the run if it is one that counts. Any other shows the notice, if a person may be there. */
async function prepare(command: CommandSpec, context: CommandContext): Promise<Pending> {
  if (command.counted) return await count(command.name, context);
  if (!command.isQuiet && context.stderr.isTerminal) await introduce(context);
  return 'nothing';
}

/** Shows the notice if nobody has seen it. Never rejects. */
async function introduce(context: CommandContext): Promise<void> {
  try {
    const { introduceTelemetry } = await import('./machine/count.ts');
    introduceTelemetry({ ...context, now: context.time.now });
  } catch {
    // A later run shows it.
  }
}

/**
 * Counts a run of a command by its name. Nothing else of the run is recorded. Never rejects.
 *
 * Returns what is pending.
 */
async function count(command: CountedCommand, context: CommandContext): Promise<Pending> {
  try {
    const { countCommand } = await import('./machine/count.ts');
    const { now } = context.time;
    return countCommand(command, { ...context, now });
  } catch {
    return 'nothing';
  }
}

function printError(error: unknown, { stderr, signal }: CommandContext): ExitCode {
  const { message, advice, exitCode } = described(error, signal);
  stderr.write(`${wrapped(`kusk: ${safeLines(message)}`, stderr)}\n`);
  if (advice !== undefined) stderr.write(`${safeLines(advice)}\n`);
  return exitCode;
}

function described(error: unknown, { aborted }: AbortSignal) {
  if (error instanceof CommandError) return error;
  if (aborted) return { message: 'interrupted', advice: undefined, exitCode: 1 as const };
  return { message: messageOf(error), advice: undefined, exitCode: 1 as const };
}

/** The advice is never wrapped: a command that is copied from it must be one line. */
function wrapped(message: string, { isTerminal, columns }: Terminal): string {
  if (!isTerminal) return message;
  return wrapSentences(message, { width: columns });
}
