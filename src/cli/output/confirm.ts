import { UsageError } from '../command-error.ts';

/**
 * Asks a question at the terminal, and resolves to whether the person agrees.
 *
 * Rejects with a `UsageError` that names `--yes` if there is no terminal. Ctrl-C and the end of the
 * input are a no.
 */
export type Confirm = (question: string) => Promise<boolean>;

export interface ConfirmOptions {
  /** Called for each question: opening standard input takes time that most commands need not spend. */
  readonly input: () => NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly signal: AbortSignal;
}

export function confirmAt({ input: open, output, signal }: ConfirmOptions): Confirm {
  return async function confirm(question) {
    const input = open();
    if (input.isTTY !== true || output.isTTY !== true) {
      throw new UsageError('this needs a confirmation, and there is no terminal to ask at', {
        advice: 'Add --yes to go on without a question.',
      });
    }
    const { createInterface } = await import('node:readline/promises');
    const terminal = createInterface({ input, output });
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    try {
      const answer = await Promise.race([
        terminal.question(`${question} [y/N] `, { signal }),
        ended,
      ]);
      return /^y(es)?$/i.test(answer.trim());
    } catch {
      return false;
    } finally {
      terminal.close();
    }
  };
}
