import { relative } from 'node:path';

/** A test that failed. */
export interface Failure {
  readonly name: string;
  /** The absolute path of its file. */
  readonly file: string;
  readonly line: number;
  /** What it threw, as it came from its process. */
  readonly error: unknown;
}

export interface FailureLinesOptions {
  /** The absolute path of the folder to which the paths are relative. */
  readonly root: string;
  /** How many failures are described; the others are counted. */
  readonly limit: number;
  /** How many lines of each error are shown. */
  readonly errorLines: number;
}

/** A stack frame in Node itself. */
const NODE_FRAME = /^\s*at (?:.*\()?node:/;

/**
 * Returns lines that name each failed test and what it threw. `npm test` prints them last, because often only
 * the end of a long log is kept.
 */
export function failureLines(
  failures: readonly Failure[],
  { root, limit, errorLines }: FailureLinesOptions,
): readonly string[] {
  const lines = failures.slice(0, limit).flatMap(({ name, file, line, error }) => {
    const text = textOf(error).replaceAll(`file://${root}/`, '').replaceAll(`${root}/`, '');
    const shown = text.split('\n').filter((one) => one.trim() !== '' && !NODE_FRAME.test(one));
    return [
      `  ${relative(root, file)}:${line}  ${name}`,
      ...shown.slice(0, errorLines).map((one) => `      ${one}`),
    ];
  });
  const more = failures.length - limit;
  return more > 0 ? [...lines, `  and ${more} more`] : lines;
}

/** Returns the stack of what a test threw. `node:test` wraps it in an error of its own. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ERR_TEST_FAILURE' && error.cause !== undefined) {
    return textOf(error.cause);
  }
  return error.stack ?? error.message;
}
