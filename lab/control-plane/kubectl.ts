import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface KubectlOptions {
  /** The program. */
  readonly file: string;
  readonly kubeconfig: string;
  /** Where it may keep what it has discovered. */
  readonly cacheFolder: string;
  /** Written to its standard input, for `-f -`. */
  readonly input?: string | undefined;
}

/** Runs kubectl and gives its output. Rejects with what it wrote to stderr. */
export async function runKubectl(
  args: readonly string[],
  { file, kubeconfig, cacheFolder, input = '' }: KubectlOptions,
): Promise<string> {
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: cacheFolder,
    KUBERC: 'off',
    // `--applyset` is an alpha feature of kubectl's.
    KUBECTL_APPLYSET: 'true',
  };
  const child = spawn(file, args, { env });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code, out, problem] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${problem.trim()}`);
  return out;
}
