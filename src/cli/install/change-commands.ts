import { OPT_OUT } from '../../cluster/object-names.ts';
import type { Installation } from '../../dashboard/model/installation.ts';
import { namespaceFlag } from './namespace-flag.ts';
import { type Owner, shellWord } from './owner.ts';
import { enableByHelm, enableCommand, type SwitchOnOptions, switchOn } from './switch-on.ts';

/** Returns the commands that switch a cluster's telemetry off for good, and on. */
export function changeCommands(options: SwitchOnOptions): Installation['commands'] {
  const { namespace, operator } = options;
  const word = shellWord(namespace);
  const off = {
    title: 'Switches it off for good. A running operator follows within a minute or two.',
    command: `kusk analytics disable --cluster${namespaceFlag(namespace)}`,
  };
  const byKubectl = {
    title: 'The same with kubectl.',
    command: `kubectl -n ${word} create configmap ${OPT_OUT} --from-literal=enabled=false --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -`,
  };
  const on = {
    title: 'Switches it on, unless another switch says off.',
    command: enableCommand(namespace),
  };
  const known = [on, ...helmCommand(operator?.owner)];
  const way = switchOn(options);
  if ('sentence' in way || known.some(({ command }) => command === way.command)) {
    return { off: [off, byKubectl], on: known };
  }
  const here = { title: 'Changes the switch that says off now.', command: way.command };
  return { off: [off, byKubectl], on: [here, ...known] };
}

function helmCommand(owner: Owner | undefined): Installation['commands']['on'] {
  if (owner?.by !== 'Helm') return [];
  const title = 'If its Helm release has switched it off.';
  return [{ title, command: enableByHelm(owner) }];
}
