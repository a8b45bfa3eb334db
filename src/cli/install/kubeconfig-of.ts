import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeConfigSource } from '../../cluster/kubeconfig.ts';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { flagText } from '../flags.ts';

/** Returns which kubeconfig to use, as kubectl decides it: flag, variable, home, pod. */
export function kubeconfigOf({
  flags,
  environment,
  home,
}: Pick<CommandContext, 'flags' | 'environment' | 'home'>): KubeConfigSource {
  const flag = flagText(flags, 'kubeconfig');
  if (flag !== undefined) return { kubeconfig: flag, introducedAs: '--kubeconfig names' };
  if (environment.KUBECONFIG) return { kubeconfig: environment.KUBECONFIG };
  const file = join(home, '.kube', 'config');
  if (existsSync(file)) return { kubeconfig: file, introducedAs: 'the default kubeconfig is' };
  if (environment.KUBERNETES_SERVICE_HOST) return { kubeconfig: undefined };
  throw new CommandError(`there is no kubeconfig: ${file} does not exist`, {
    exitCode: 3,
    advice: 'Write --kubeconfig FILE, or set KUBECONFIG.',
  });
}
