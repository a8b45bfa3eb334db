import { load } from 'js-yaml';
import { MANAGER, OPT_OUT } from '../../cluster/object-names.ts';
import { decideConsent, decidingSwitch, type Switch } from '../../consent/consent.ts';
import type { ContainerVariables, VariablePlace } from './container-variables.ts';
import { dataOf, type KubeObject } from './kube-object.ts';
import type { Deployment } from './object-settings.ts';

/** Where a switch of a cluster is: in the opt-out, in the operator's own ConfigMap, or in a variable. */
export type SwitchPlace = { readonly kind: 'opt-out' } | OwnPlace | VariablePlace;

/** A key of the operator's own ConfigMap, and the setting in it if it is a file. */
type OwnPlace = { readonly kind: 'own ConfigMap'; readonly name: string } & OwnKey;
type OwnKey =
  | { readonly key: 'ANALYTICS_ENABLED' }
  | { readonly key: 'config.yaml'; readonly setting: 'analytics.enabled' | 'analytics.enable' };

export interface ClusterSwitch extends Switch {
  readonly place: SwitchPlace;
}

/** Where the switches of a cluster are. */
export interface Places {
  readonly variables: ContainerVariables;
  readonly optOut: KubeObject | undefined;
  readonly switches: KubeObject | undefined;
  /** The name of the ConfigMap `switches`. */
  readonly mapName: string;
}

/** The switches that the operator reads. The one that an installation sets comes before those of a hand. */
export function clusterSwitches({
  variables,
  optOut,
  switches,
  mapName,
}: Places): readonly ClusterSwitch[] {
  return [
    {
      name: `enabled in ConfigMap ${OPT_OUT}`,
      value: dataOf(optOut).enabled,
      place: { kind: 'opt-out' },
    },
    ...variableSwitches(variables),
    ...ownSwitches(switches, mapName),
  ];
}

/** The switches in the operator's own ConfigMap. */
export function ownSwitches(
  map: KubeObject | undefined,
  mapName: string,
): readonly ClusterSwitch[] {
  const data = dataOf(map);
  const own = { kind: 'own ConfigMap', name: mapName } as const;
  return [
    {
      name: `ANALYTICS_ENABLED in ConfigMap ${mapName}`,
      value: data.ANALYTICS_ENABLED,
      place: { ...own, key: 'ANALYTICS_ENABLED' },
    },
    ...fileSwitches(data['config.yaml'], `config.yaml in ConfigMap ${mapName}`).map(
      ({ setting, ...one }) => ({
        ...one,
        place: { ...own, key: 'config.yaml', setting } as const,
      }),
    ),
  ];
}

/** Returns where the switch is that says off, or `undefined` if telemetry is on. */
export function offByOf(switches: readonly ClusterSwitch[]): SwitchPlace | undefined {
  return decideConsent(switches).on ? undefined : decidingSwitch(switches)?.place;
}

/** An empty DO_NOT_TRACK is not set. */
function variableSwitches({ find }: ContainerVariables): readonly ClusterSwitch[] {
  const enabled = find('ANALYTICS_ENABLED');
  const doNotTrack = find('DO_NOT_TRACK');
  return [
    ...(enabled ? [enabled] : []),
    ...(doNotTrack?.value ? [{ ...doNotTrack, inverted: true }] : []),
  ];
}

interface FileSwitch extends Switch {
  readonly setting: 'analytics.enabled' | 'analytics.enable';
}

/** Reads the configuration file of the operator, as far as consent goes. */
function fileSwitches(text: string | undefined, name: string): readonly FileSwitch[] {
  if (text === undefined || text.trim() === '') return [];
  try {
    const root = load(text, { maxAliases: 10 }) as { readonly analytics?: unknown } | null;
    const analytics = root?.analytics;
    if (analytics === undefined) return [];
    const group = analytics as Readonly<Record<string, unknown>> | null;
    return [
      ...(['enabled', 'enable'] as const).map((key) => {
        const setting = `analytics.${key}` as const;
        return { name: `${setting} in ${name}`, value: group?.[key], setting };
      }),
      ...(typeof analytics === 'object' && analytics !== null ? [] : [unreadable(name)]),
    ];
  } catch {
    return [unreadable(name)];
  }
}

function unreadable(name: string): FileSwitch {
  const problem = `${name} can't be understood: telemetry is off. Write analytics: {enabled: false}, or delete the key.`;
  return { name, value: undefined, problem, setting: 'analytics.enabled' };
}

interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name?: string };
}

/** A Helm release of another name has another ConfigMap. */
export function switchesMapOf(operator: Deployment): string {
  const { volumes = [] } = operator.spec.template.spec as { readonly volumes?: readonly Volume[] };
  return volumes.find(({ name }) => name === 'config')?.configMap?.name ?? MANAGER;
}
