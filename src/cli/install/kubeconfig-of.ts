import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeConfigSource } from '../../cluster/kubeconfig.ts';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { flagText } from '../flags.ts';

type Surroundings = Pick<CommandContext, 'flags' | 'environment' | 'home'>;

/** Returns whether there is a kubeconfig to use. It may be unreadable. */
export function hasKubeconfig(context: Surroundings): boolean {
  try {
    kubeconfigOf(context);
    return true;
  } catch {
    return false;
  }
}

/** Returns which kubeconfig to use, as kubectl decides it: flag, variable, home, pod. */
export function kubeconfigOf({ flags, environment, home }: Surroundings): KubeConfigSource {
  const kubeconfig = flagText(flags, 'kubeconfig');
  if (kubeconfig) return { kubeconfig, introducedAs: '--kubeconfig names' };
  if (environment.KUBECONFIG) return { kubeconfig: environment.KUBECONFIG };
  const file = join(home, '.kube', 'config');
  if (existsSync(file)) return { kubeconfig: file, introducedAs: 'the default kubeconfig is' };
  if (environment.KUBERNETES_SERVICE_HOST) return { kubeconfig: undefined };
  throw new CommandError(`there is no kubeconfig: ${file} does not exist`, {
    exitCode: 3,
    advice: 'Write --kubeconfig FILE, or set KUBECONFIG.',
  });
}
