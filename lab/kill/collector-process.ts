import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { programOf } from '../support/programs.ts';

export const WRITE_KEY = 'test-write-key';

/** A collector that can be killed at any moment. */
export interface CollectorProcess {
  readonly url: string;
  /** Kills it as the kernel does. Resolves once it is gone. */
  readonly kill: () => Promise<void>;
}

/** Starts a collector with these flags on a free port. Resolves once it listens. */
export async function startCollectorProcess(flags: readonly string[]): Promise<CollectorProcess> {
  const args = [programOf('kusk-collector'), '--listen=127.0.0.1:0', `--write-key=${WRITE_KEY}`];
  const child = spawn(process.execPath, [...args, '--max-requests=100000', ...flags], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([once(lines, 'line'), ended.then(() => ['{}'])]);
  const { address } = JSON.parse(String(line)) as { readonly address?: string };
  if (address === undefined) throw new Error('kusk-collector did not start');
  return {
    url: `http://${address}`,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
