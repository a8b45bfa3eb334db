import { runToEnd } from '../support/run.ts';

export interface KubectlOptions {
  /** The program. */
  readonly file: string;
  readonly kubeconfig: string;
  /** Where it may keep what it has discovered. */
  readonly cacheFolder: string;
  /** Written to its standard input, for `-f -`. */
  readonly input?: string | undefined;
}

/** Runs kubectl and returns its output. Rejects with what it wrote to stderr. */
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
    // It ends before it has to collect garbage, unless it prints a very large list.
    GOGC: 'off',
    GOMEMLIMIT: '1GiB',
  };
  const { code, out, problem } = await runToEnd(file, args, { env, input });
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${problem.trim()}`);
  return out;
}
