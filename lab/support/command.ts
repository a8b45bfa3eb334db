import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const LAST_LINES = 20;

export interface CommandOptions {
  /** Is told each line that the program writes. */
  readonly log?: ((line: string) => unknown) | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string;
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program to its end. Resolves with what it wrote to stdout. Rejects with the last lines that it wrote. */
export async function command(
  file: string,
  args: readonly string[],
  { log = () => {}, env = process.env, cwd, input = '', signal }: CommandOptions = {},
): Promise<string> {
  const child = spawn(file, args, { env, cwd, signal, stdio: 'pipe' });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const lines: string[] = [];
  const out: string[] = [];
  const hear = (line: string) => {
    lines.push(line);
    log(line);
  };
  createInterface({ input: child.stderr }).on('line', hear);
  createInterface({ input: child.stdout })
    .on('line', hear)
    .on('line', (line) => out.push(line));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await exit;
  if (code === 0) return out.join('\n');
  const last = lines.slice(-LAST_LINES).join('\n');
  throw new Error(`${file} ${args[0] ?? ''} failed (${code}):\n${last}`);
}
