import { type ClusterFlags, helmFlags, kubectl, kuskFlags } from './cluster-flags.ts';
import type { SwitchPlace } from './cluster-switches.ts';
import type { ClusterTelemetry } from './cluster-telemetry.ts';
import { chartVersion } from './objects.ts';
import { type Owner, ownerText, shellWord } from './owner.ts';

type Operator = NonNullable<ClusterTelemetry['operator']>;

export interface SwitchOnOptions {
  readonly namespace: string;
  /** Without a version, it is taken for this one. */
  readonly operator: (Pick<Operator, 'name' | 'owner'> & Partial<Operator>) | undefined;
  readonly offBy: SwitchPlace | undefined;
}

/**
 * How telemetry of a cluster is switched on: a command to copy, or a sentence if there is none. `todo` is
 * what the command leaves to the person or also does, without a full stop.
 */
export type SwitchOn =
  | { readonly command: string; readonly todo?: string }
  | { readonly sentence: string };

/** Returns the command that switches telemetry on, if no other switch says off. */
export function switchOn(options: SwitchOnOptions, flags: ClusterFlags): SwitchOn {
  const { namespace, operator, offBy } = options;
  // The command also installs with telemetry what `kusk` itself has installed without.
  const isByKusk = operator?.owner.by === 'kusk' && isInstalled(offBy);
  if (!isByKusk) return switchOnByHand(options, flags);
  if (isOfThisVersion(operator)) return { command: enableCommand(namespace, flags) };
  return {
    todo: `This brings the operator from version ${operator.version} to ${chartVersion()}, with telemetry`,
    command: upgradeCommand(namespace, flags),
  };
}

/** Returns whether an install with telemetry would leave the version of the operator. */
export function isOfThisVersion({ version }: Partial<Operator> = {}): boolean {
  return version === undefined || version === chartVersion();
}

/** As `switchOn`, once `kusk analytics enable --cluster` was tried. */
export function switchOnByHand(options: SwitchOnOptions, flags: ClusterFlags): SwitchOn {
  const { namespace, offBy } = options;
  switch (offBy?.kind) {
    case 'own ConfigMap':
      return inOwnMap(offBy, { namespace, flags });
    case 'Deployment':
      return inDeployment(offBy.variable, { ...options, flags });
    case 'ConfigMap':
    case 'Secret':
      return inSource(offBy, { ...options, flags });
    default:
      return { command: enableCommand(namespace, flags) };
  }
}

/** Returns the line of a way to switch telemetry on. */
export function switchOnText(way: SwitchOn): string {
  if ('sentence' in way) return way.sentence;
  return way.todo === undefined ? way.command : `${way.todo}: ${way.command}`;
}

/** Returns the command that sets the value of a Helm release. */
export function enableByHelm(
  { release, namespace }: Extract<Owner, { by: 'Helm' }>,
  flags: ClusterFlags,
): string {
  return `helm upgrade ${shellWord(release)} CHART${helmFlags(namespace, flags)} --reset-then-reuse-values --set analytics.enabled=true`;
}

export function enableCommand(namespace: string, flags: ClusterFlags): string {
  return `kusk analytics enable --cluster${kuskFlags(namespace, flags)}`;
}

export function upgradeCommand(namespace: string, flags: ClusterFlags): string {
  return `kusk cluster upgrade --analytics on${kuskFlags(namespace, flags)}`;
}

/** Returns whether an installation without telemetry has this switch. */
function isInstalled(place: SwitchPlace | undefined): boolean {
  if (place?.kind === 'own ConfigMap') return place.key === 'ANALYTICS_ENABLED';
  return place?.kind === 'Deployment' && place.variable === 'ANALYTICS_ENABLED';
}

interface Whose extends Pick<SwitchOnOptions, 'namespace' | 'operator'> {
  readonly flags: ClusterFlags;
}

/** The file has other settings too: where events go, and whether an opt-out is reported. */
function inOwnMap(
  place: Extract<SwitchPlace, { kind: 'own ConfigMap' }>,
  { namespace, flags }: Omit<Whose, 'operator'>,
): SwitchOn {
  const { name } = place;
  if (place.key === 'ANALYTICS_ENABLED') {
    const data = { [place.key]: null };
    return { command: patchCommand({ kind: 'ConfigMap', name }, { data, namespace, flags }) };
  }
  return {
    todo: place.setting ? `Set ${place.setting} to true in ${place.key}` : `Correct ${place.key}`,
    command: `${kubectl(flags, namespace)} edit configmap ${shellWord(name)}`,
  };
}

/** Another tool would bring the variable back. */
function inDeployment(variable: string, { namespace, operator, flags }: Whose): SwitchOn {
  if (operator === undefined) return { command: enableCommand(namespace, flags) };
  const { name, owner } = operator;
  if (owner.by === 'Helm' && variable === 'ANALYTICS_ENABLED') {
    return { command: enableByHelm(owner, flags) };
  }
  if (owner.by === 'kusk' || owner.by === 'kubectl') {
    const target = `deployment/${shellWord(name)}`;
    return { command: `${kubectl(flags, namespace)} set env ${target} ${variable}-` };
  }
  return { sentence: `Take ${variable} out of the Deployment, as ${ownerText(owner)} has it.` };
}

/**
 * The key stays, because a pod may need it to start. Variables are read when a pod starts. Other workloads
 * may have DO_NOT_TRACK from the same place, so no command changes that.
 */
function inSource(
  place: Extract<SwitchPlace, { kind: 'ConfigMap' | 'Secret' }>,
  { namespace, operator, flags }: Whose,
): SwitchOn {
  const { kind, name, key, variable } = place;
  const restart =
    operator &&
    `${kubectl(flags, namespace)} rollout restart deployment/${shellWord(operator.name)}`;
  if (variable === 'DO_NOT_TRACK') {
    const todo = `Other workloads may use key ${key} of ${kind} ${name} too. Change it there, or take it out of the operator's Deployment, and restart the operator`;
    return restart ? { todo, command: restart } : { sentence: `${todo}.` };
  }
  const change = patchCommand({ kind, name }, { data: { [key]: 'true' }, namespace, flags });
  return { command: restart ? `${change} && ${restart}` : change };
}

interface PatchOptions extends Pick<Whose, 'namespace' | 'flags'> {
  readonly data: object;
}

/** A Secret takes plain text as `stringData`. */
function patchCommand(
  { kind, name }: { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string },
  { data, namespace, flags }: PatchOptions,
): string {
  const patch = JSON.stringify(kind === 'Secret' ? { stringData: data } : { data });
  const target = `${kind.toLowerCase()} ${shellWord(name)}`;
  return `${kubectl(flags, namespace)} patch ${target} --type=merge --patch=${shellWord(patch)}`;
}
