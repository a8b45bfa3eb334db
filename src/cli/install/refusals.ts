import { LEDGER, MANAGER } from '../../cluster/object-names.ts';
import { CommandError } from '../command-error.ts';
import { type ClusterFlags, helmFlags, kubectl, kuskFlags } from './cluster-flags.ts';
import { type KubeObject, keyOf, refOf } from './kube-object.ts';
import { gatewayParts, operatorsIn } from './neighbours.ts';
import { isToolsOwn, type Owner, ownerOf, ownerText, shellWord } from './owner.ts';
import type { Snapshot } from './snapshot.ts';

export type ClusterCommand = 'install' | 'upgrade' | 'uninstall';

export interface RefusalOptions {
  readonly command: ClusterCommand;
  readonly flags: ClusterFlags;
}

/** Any of them serves, whatever its owner is: only its absence matters. */
const SHARED_KINDS = ['Namespace', 'CustomResourceDefinition', 'Lease'];

/** Returns the objects that make an installation somebody's own. */
export function ownObjects({ named }: Pick<Snapshot, 'named'>): readonly KubeObject[] {
  return [...named.values()].filter(
    ({ kind, metadata }) => !SHARED_KINDS.includes(kind) && metadata.name !== LEDGER,
  );
}

/** Returns the first owner that is neither `kusk` nor kubectl, and its object. */
export function toolsOwnership(
  snapshot: Snapshot,
): { readonly owner: Owner; readonly object: KubeObject } | undefined {
  return [...operatorsIn(snapshot), ...ownObjects(snapshot)]
    .map((object) => ({ owner: ownerOf(object), object }))
    .find(({ owner }) => isToolsOwn(owner));
}

/**
 * Throws a `CommandError` if the namespace holds what is not for `kusk` to change. The advice is the
 * exact command to use instead.
 */
export function refuseForeign(snapshot: Snapshot, options: RefusalOptions): void {
  const { namespace } = snapshot;
  const { command, flags } = options;
  const found = toolsOwnership(snapshot);
  if (found) {
    throw new CommandError(
      `${keyOf(refOf(found.object))} belongs to ${ownerText(found.owner)}. Nothing was changed`,
      { advice: adviceFor(found.owner, options) },
    );
  }
  const other = operatorsIn(snapshot).find(({ metadata }) => metadata.name !== MANAGER);
  if (other) {
    throw new CommandError(
      `the operator is in namespace ${namespace} already, as ${keyOf(refOf(other))}. Nothing was changed`,
      {
        advice: `Delete it first, so that two do not share one ledger: ${kubectl(flags, namespace)} delete deployment ${other.metadata.name}`,
      },
    );
  }
  const gateway = gatewayParts(snapshot);
  if (gateway.length === 0 || command === 'uninstall') return;
  throw new CommandError(
    `Kusk Gateway 1.x is in namespace ${namespace}: ${gateway.join(', ')}. This is its telemetry, not the gateway. Nothing was changed`,
    {
      advice: `To have it beside the gateway: kusk cluster ${command}${kuskFlags('kusk-telemetry', flags)}`,
    },
  );
}

/** Returns the command by which an owner does what `kusk` does not do in its place. */
export function adviceFor(owner: Owner, { command, flags }: RefusalOptions): string {
  const isGoing = command === 'uninstall';
  switch (owner.by) {
    case 'Helm': {
      const release = shellWord(owner.release);
      const named = helmFlags(owner.namespace, flags);
      return isGoing
        ? `Use Helm: helm uninstall ${release}${named}`
        : `Use Helm, with the chart of the release for CHART: helm upgrade ${release} CHART${named} --reset-then-reuse-values`;
    }
    case 'a Helm chart':
      return `Use what applied the chart. If it is a release of Helm, this names it: helm list${helmFlags(owner.namespace, flags)}`;
    case 'Argo CD': {
      const sync = `argocd app sync ${shellWord(owner.application)}`;
      return isGoing
        ? `Remove it from the source of the application, then: ${sync} --prune`
        : `Change the source of the application, then: ${sync}`;
    }
    case 'Flux': {
      const namespace = `--namespace ${shellWord(owner.namespace)}`;
      const reconcile = `flux reconcile ${owner.resource} ${shellWord(owner.name)} ${namespace}`;
      return `${isGoing ? 'Remove it from' : 'Change'} the source, then: ${reconcile} --with-source`;
    }
    default:
      return owner.by === 'another program' && owner.manager === undefined
        ? 'If it is not needed, delete it with kubectl. Else use another namespace, with -n.'
        : `Use what created it: ${ownerText(owner)}`;
  }
}
