import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensure } from '../control-plane/ensure.ts';
import { run } from '../support/run.ts';
import { say } from './say.ts';
import { CRDS, installCrds, type Stage } from './stage.ts';

export interface ExistingOptions {
  /** Of the kubeconfig that kubectl uses here. */
  readonly context: string;
  /** For a copy of that context's credentials. It must go when the demo does. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * A cluster that one already has. Everything goes into a namespace of its own; that, and the CRDs if
 * they were not there before, is taken away at the end.
 */
export async function existing({ context, folder, signal }: ExistingOptions): Promise<Stage> {
  const log = (line: string) => say('cluster', line);
  const { kubectl: kubectlPath } = await ensure(['kubectl'], { env: process.env, log, signal });

  async function kubectl(args: readonly string[]): Promise<string> {
    const { code, output } = await run(kubectlPath, ['--context', context, ...args]);
    if (code !== 0) throw new Error(output);
    return output;
  }

  const kubeconfig = join(folder, 'kubeconfig');
  const view = ['config', 'view', '--minify', '--flatten', '--raw'];
  await writeFile(kubeconfig, await kubectl(view), { mode: 0o600 });

  const namespace = `kusk-demo-${randomBytes(3).toString('hex')}`;
  const hadCrds = (await kubectl(['get', '--ignore-not-found', '-o', 'name', '-f', CRDS])) !== '';
  if (!hadCrds) await installCrds(kubectl);
  say('kubectl', await kubectl(['create', 'namespace', namespace]));

  return {
    kubeconfig,
    operatorKubeconfig: kubeconfig,
    namespace,
    isOurs: false,
    kubectlPath,
    kubectl,
    async [Symbol.asyncDispose]() {
      say('kubectl', await kubectl(['delete', 'namespace', namespace]));
      if (!hadCrds) say('kubectl', await kubectl(['delete', '-f', CRDS]));
    },
  };
}
