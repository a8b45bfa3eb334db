import type { CommandContext, CommandSpec, ExitCode } from './command.ts';
import { CommandError } from './command-error.ts';
import { safeLines } from './output/safe-text.ts';

/**
 * Runs a command, prints its error to stderr, and resolves to the exit code.
 *
 * Never rejects.
 */
export async function invoke(command: CommandSpec, context: CommandContext): Promise<ExitCode> {
  try {
    const { run } = await command.load();
    return await run(context);
  } catch (error) {
    return printError(error, context);
  }
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
