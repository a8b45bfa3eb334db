import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface DurationOptions {
  /** Where its output goes: nowhere by default, or into a pipe that is read, as in `kusk ... | kubectl ...`. */
  readonly stdout?: 'ignore' | 'pipe';
}

/** Returns how long a process took from its start to its end, in milliseconds. Rejects if it failed. */
export async function duration(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { stdout = 'ignore' }: DurationOptions = {},
): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(file, args, { env, stdio: ['ignore', stdout, 'ignore'] });
  child.stdout?.resume();
  const [code] = await once(child, 'exit');
  const ended = performance.now() - startedAt;
  if (code !== 0) throw new Error(`${args.join(' ')} exits with ${code}`);
  return ended;
}
