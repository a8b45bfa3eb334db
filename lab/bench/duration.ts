import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Returns how long a process took from its start to its end, in milliseconds. Rejects if it failed. */
export async function duration(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(file, args, { env, stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  const ended = performance.now() - startedAt;
  if (code !== 0) throw new Error(`${args.join(' ')} exits with ${code}`);
  return ended;
}
