import { OPT_OUT } from '../../cluster/object-names.ts';
import type { Installation } from '../../dashboard/model/installation.ts';
import { type ClusterFlags, kubectl, kuskFlags } from './cluster-flags.ts';
import type { Owner } from './owner.ts';
import { enableByHelm, enableCommand, type SwitchOnOptions, switchOn } from './switch-on.ts';

/** Returns the commands that switch a cluster's telemetry off for good, and on. */
export function changeCommands(
  options: SwitchOnOptions,
  flags: ClusterFlags,
): Installation['commands'] {
  const { namespace, operator } = options;
  const off = {
    title: 'Switches it off for good. A running operator follows within a minute or two.',
    command: `kusk analytics disable --cluster${kuskFlags(namespace, flags)}`,
  };
  const byKubectl = {
    title: 'The same with kubectl.',
    command: `${kubectl(flags, namespace)} create configmap ${OPT_OUT} --from-literal=enabled=false --dry-run=client -o yaml | ${kubectl(flags)} apply --server-side --force-conflicts -f -`,
  };
  const on = {
    title: 'Switches it on, unless another switch says off.',
    command: enableCommand(namespace, flags),
  };
  const known = [on, ...helmCommand(operator?.owner, flags)];
  const way = switchOn(options, flags);
  if ('sentence' in way || known.some(({ command }) => command === way.command)) {
    return { off: [off, byKubectl], on: known };
  }
  const title = way.todo ? `${way.todo}.` : 'Changes the switch that says off now.';
  return { off: [off, byKubectl], on: [{ title, command: way.command }, ...known] };
}

function helmCommand(
  owner: Owner | undefined,
  flags: ClusterFlags,
): Installation['commands']['on'] {
  if (owner?.by !== 'Helm') return [];
  const title =
    'If its Helm release has switched it off. CHART is the chart that it was installed from.';
  return [{ title, command: enableByHelm(owner, flags) }];
}
