import { type Logger, pino } from 'pino';

export interface LoggerOptions {
  /** The lowest level that is logged. */
  readonly level: string;
}

/**
 * Creates the logger of a program. It writes to stdout: one JSON object a line, or text at a terminal.
 */
export async function createLogger({ level }: LoggerOptions): Promise<Logger> {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (!process.stdout.isTTY) return pino(options, process.stdout);
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ sync: true }));
}
