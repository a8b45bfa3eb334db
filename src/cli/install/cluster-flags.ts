import type { Connection } from '../../cluster/connect.ts';
import type { CommandFlags } from '../../dashboard/model/view.ts';
import type { Flags } from '../command.ts';
import { flagText } from '../flags.ts';
import { shellWord } from './owner.ts';

const DEFAULT_NAMESPACE = 'kusk-system';

/**
 * The flags that name a cluster, as a person has written them. A command to copy repeats them, so that it
 * does not change the cluster of the current context.
 */
export interface ClusterFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** Returns the flags. An empty one is not given, as kubectl has it. */
export function clusterFlags(flags: Flags): ClusterFlags {
  return {
    kubeconfig: flagText(flags, 'kubeconfig') || undefined,
    context: flagText(flags, 'context') || undefined,
  };
}

/**
 * Returns the same with the context of a connection, for a page that stays open: another one may be the
 * current one when somebody copies a command. A pod has none.
 */
export function pageFlags(flags: Flags, { context }: Pick<Connection, 'context'>): ClusterFlags {
  return { ...clusterFlags(flags), context: context || undefined };
}

/** Returns the flags of a `kusk` command to copy, each after a blank. The default namespace needs none. */
export function kuskFlags(namespace: string, { kubeconfig, context }: ClusterFlags): string {
  return [
    flagOf('--kubeconfig', kubeconfig),
    flagOf('--context', context),
    flagOf('-n', namespace === DEFAULT_NAMESPACE ? undefined : namespace),
  ].join('');
}

/** Returns both, for the dashboard. */
export function commandFlags(namespace: string, flags: ClusterFlags): CommandFlags {
  return { kusk: kuskFlags(namespace, flags), kubectl: kubectl(flags).slice('kubectl'.length) };
}

/** Returns `kubectl` with its flags. */
export function kubectl({ kubeconfig, context }: ClusterFlags, namespace?: string): string {
  return `kubectl${flagOf('--kubeconfig', kubeconfig)}${flagOf('--context', context)}${flagOf('-n', namespace)}`;
}

/** Returns the flags of a `helm` command to copy, each after a blank. */
export function helmFlags(namespace: string, { kubeconfig, context }: ClusterFlags): string {
  return `${flagOf('--kubeconfig', kubeconfig)}${flagOf('--kube-context', context)}${flagOf('--namespace', namespace)}`;
}

function flagOf(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name} ${shellWord(value)}`;
}
