import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { WholeNode } from '../../lab/node/start.ts';

export interface RunInsideOptions {
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs one of our programs on the node, with which it ends, and resolves with its first line. */
export async function runInside(node: WholeNode, options: RunInsideOptions): Promise<string> {
  const [file, ...args] = node.inside(process.execPath, options.args);
  const child = spawn(file, args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${options.args[0]} has ended (${code})`);
  });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended,
  ]);
  ended.catch(() => {});
  return line;
}
