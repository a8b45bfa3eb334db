import type { CommandContext, CommandSpec, CountedCommand, ExitCode } from './command.ts';
import { CommandError } from './command-error.ts';
import { safeLines } from './output/safe-text.ts';
import { SEND, SEND_SPOOL } from './sender.ts';

/**
 * Runs a command, prints its error to stderr, and resolves to the exit code.
 *
 * Never rejects.
 */
export async function invoke(command: CommandSpec, context: CommandContext): Promise<ExitCode> {
  try {
    if (command.counted) await count(command.name, context).catch(() => undefined);
    const { run } = await command.load();
    return await run(context);
  } catch (error) {
    return printError(error, context);
  }
}

/** Counts a run of a command by its name. Nothing else of the run is recorded. */
async function count(command: CountedCommand, context: CommandContext): Promise<void> {
  const { countCommand } = await import('./machine/count.ts');
  countCommand(command, {
    ...context,
    now: context.time.now,
    startSender: () => context.startDetached([SEND, SEND_SPOOL]),
  });
}

function printError(error: unknown, { stderr, signal }: CommandContext): ExitCode {
  const { message, advice, exitCode } = described(error, signal);
  stderr.write(`kusk: ${safeLines(message)}\n`);
  if (advice !== undefined) stderr.write(`${safeLines(advice)}\n`);
  return exitCode;
}

function described(error: unknown, { aborted }: AbortSignal) {
  if (error instanceof CommandError) return error;
  if (aborted) return { message: 'interrupted', advice: undefined, exitCode: 1 as const };
  const message = error instanceof Error ? error.message : String(error);
  return { message, advice: undefined, exitCode: 1 as const };
}
