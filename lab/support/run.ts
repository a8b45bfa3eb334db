import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { ROOT } from './root.ts';

export interface RunToEndOptions {
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string;
  /** Written to its standard input, which is then closed. */
  readonly input?: string;
}

export interface Ended {
  /** The exit code; `null` if a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  /** What it wrote to stderr. */
  readonly problem: string;
}

/** Runs a program to its end, whatever its exit code. Rejects only if it cannot be started. */
export async function runToEnd(
  file: string,
  args: readonly string[],
  { env, cwd, input = '' }: RunToEndOptions,
): Promise<Ended> {
  const child = spawn(file, args, { env, cwd });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code, out, problem] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  return { code, out, problem };
}

export interface Ran {
  /** The exit code; 1 if it was ended by a signal. */
  readonly code: number;
  /** What it wrote, stdout and then stderr. */
  readonly output: string;
}

/** Runs a command in the checkout to its end. Rejects only if it cannot be started. */
export async function run(file: string, args: readonly string[]): Promise<Ran> {
  const { code, out, problem } = await runToEnd(file, args, { cwd: ROOT });
  return { code: code ?? 1, output: `${out}${problem}`.trim() };
}
