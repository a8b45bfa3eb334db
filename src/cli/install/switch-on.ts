import type { SwitchPlace } from './cluster-switches.ts';
import type { ClusterTelemetry } from './cluster-telemetry.ts';
import { namespaceFlag } from './namespace-flag.ts';
import { type Owner, ownerText, shellWord } from './owner.ts';

export interface SwitchOnOptions {
  readonly namespace: string;
  readonly operator: Pick<NonNullable<ClusterTelemetry['operator']>, 'name' | 'owner'> | undefined;
  readonly offBy: SwitchPlace | undefined;
}

/** How telemetry of a cluster is switched on: a command to copy, or a sentence if there is none. */
export type SwitchOn = { readonly command: string } | { readonly sentence: string };

/** Returns the command that switches telemetry on, if no other switch says off. */
export function switchOn(options: SwitchOnOptions): SwitchOn {
  const { namespace, operator, offBy } = options;
  // The command also installs with telemetry what `kusk` itself has installed without.
  const isByKusk = operator?.owner.by === 'kusk' && isInstalled(offBy);
  return isByKusk ? { command: enableCommand(namespace) } : switchOnByHand(options);
}

/** As `switchOn`, once `kusk analytics enable --cluster` was tried. */
export function switchOnByHand({ namespace, operator, offBy }: SwitchOnOptions): SwitchOn {
  switch (offBy?.kind) {
    case 'own ConfigMap': {
      const { name } = offBy;
      const data = { ANALYTICS_ENABLED: null, 'config.yaml': null };
      return { command: patchCommand({ kind: 'ConfigMap', name, namespace }, { data }) };
    }
    case 'Deployment':
      return inDeployment(offBy.variable, { namespace, operator });
    case 'ConfigMap':
    case 'Secret':
      return { command: inSource(offBy, { namespace, operator }) };
    default:
      return { command: enableCommand(namespace) };
  }
}

/** Returns the command that sets the value of a Helm release. */
export function enableByHelm({ release, namespace }: Extract<Owner, { by: 'Helm' }>): string {
  return `helm upgrade ${shellWord(release)} charts/kusk-gateway --namespace ${shellWord(namespace)} --reset-then-reuse-values --set analytics.enabled=true`;
}

export function enableCommand(namespace: string): string {
  return `kusk analytics enable --cluster${namespaceFlag(namespace)}`;
}

/** Returns whether an installation without telemetry has this switch. */
function isInstalled(place: SwitchPlace | undefined): boolean {
  if (place?.kind === 'own ConfigMap') return true;
  return place?.kind === 'Deployment' && place.variable === 'ANALYTICS_ENABLED';
}

type Whose = Pick<SwitchOnOptions, 'namespace' | 'operator'>;

/** Another tool would bring the variable back. */
function inDeployment(variable: string, { namespace, operator }: Whose): SwitchOn {
  if (operator === undefined) return { command: enableCommand(namespace) };
  const { name, owner } = operator;
  if (owner.by === 'Helm' && variable === 'ANALYTICS_ENABLED') {
    return { command: enableByHelm(owner) };
  }
  if (owner.by === 'kusk' || owner.by === 'kubectl') {
    return { command: `${kubectl(namespace)} set env deployment/${name} ${variable}-` };
  }
  return { sentence: `Take ${variable} out of the Deployment, as ${ownerText(owner)} has it.` };
}

/** The key stays, because a pod may need it to start. Variables are read when a pod starts. */
function inSource(
  { kind, name, key, variable }: Extract<SwitchPlace, { key: string }>,
  { namespace, operator }: Whose,
): string {
  const data = { [key]: variable === 'DO_NOT_TRACK' ? 'false' : 'true' };
  const change = patchCommand({ kind, name, namespace }, { data });
  if (operator === undefined) return change;
  return `${change} && ${kubectl(namespace)} rollout restart deployment/${operator.name}`;
}

interface Target {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly namespace: string;
}

/** A Secret takes plain text as `stringData`. */
function patchCommand({ kind, name, namespace }: Target, { data }: { readonly data: object }) {
  const patch = JSON.stringify(kind === 'Secret' ? { stringData: data } : { data });
  const target = `${kind.toLowerCase()} ${shellWord(name)}`;
  return `${kubectl(namespace)} patch ${target} --type=merge --patch=${shellWord(patch)}`;
}

function kubectl(namespace: string): string {
  return `kubectl -n ${shellWord(namespace)}`;
}
