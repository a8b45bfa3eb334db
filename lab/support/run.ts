import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { ROOT } from './root.ts';

export interface Ran {
  /** The exit code; 1 if it was ended by a signal. */
  readonly code: number;
  /** What it wrote, stdout and then stderr. */
  readonly output: string;
}

/** Runs a command in the checkout to its end. Rejects only if it cannot be started. */
export async function run(file: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(file, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const [code, out, problem] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  return { code, output: `${out}${problem}`.trim() };
}
