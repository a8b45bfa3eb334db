import type { ExitCode } from './command.ts';

export interface CommandErrorOptions extends ErrorOptions {
  /** 1 unless given. */
  readonly exitCode?: Exclude<ExitCode, 0>;
  /** What to do about it, in a sentence. Printed in a line of its own. */
  readonly advice?: string;
}

/** An expected failure of a command. The message is one sentence without a full stop. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly exitCode: Exclude<ExitCode, 0>;
  readonly advice: string | undefined;

  constructor(message: string, { exitCode = 1, advice, ...options }: CommandErrorOptions = {}) {
    super(message, options);
    this.exitCode = exitCode;
    this.advice = advice;
  }
}

/** A wrong command line. The message or the advice says what to write instead. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';

  constructor(message: string, options: Omit<CommandErrorOptions, 'exitCode'> = {}) {
    super(message, { ...options, exitCode: 2 });
  }
}
