import { OPT_OUT } from '../../cluster/object-names.ts';
import type { Installation } from '../../dashboard/model/installation.ts';
import { type Owner, shellWord } from './owner.ts';

const DEFAULT_NAMESPACE = 'kusk-system';

export interface ChangeOptions {
  readonly namespace: string;
  readonly owner: Owner | undefined;
}

/** Returns the commands that switch a cluster's telemetry off for good, and on. */
export function changeCommands({ namespace, owner }: ChangeOptions): Installation['commands'] {
  const word = shellWord(namespace);
  const flag = namespace === DEFAULT_NAMESPACE ? '' : ` -n ${word}`;
  const off = {
    title: 'Switches it off for good. A running operator follows within a minute or two.',
    command: `kusk analytics disable --cluster${flag}`,
  };
  const byKubectl = {
    title: 'The same with kubectl.',
    command: `kubectl -n ${word} create configmap ${OPT_OUT} --from-literal=enabled=false --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -`,
  };
  const on = {
    title: 'Switches it on, unless another switch says off.',
    command: `kusk analytics enable --cluster${flag}`,
  };
  if (owner?.by !== 'Helm') return { off: [off, byKubectl], on: [on] };
  const release = shellWord(owner.release);
  const byHelm = {
    title: 'If its Helm release has switched it off.',
    command: `helm upgrade ${release} charts/kusk-gateway --namespace ${shellWord(owner.namespace)} --reset-then-reuse-values --set analytics.enabled=true`,
  };
  return { off: [off, byKubectl], on: [on, byHelm] };
}
