import { MANAGER, OPT_OUT } from '../../cluster/object-names.ts';
import { configValue, readConfigFile } from '../../consent/config-file.ts';
import { decideConsent, decidingSwitch, missingKey, type Switch } from '../../consent/consent.ts';
import type { ContainerVariables, VariablePlace } from './container-variables.ts';
import { type Data, type KubeObject, mountedData } from './kube-object.ts';
import type { Deployment } from './object-settings.ts';

/** Where a switch of a cluster is: in the opt-out, in the operator's own ConfigMap, or in a variable. */
export type SwitchPlace = { readonly kind: 'opt-out' } | OwnPlace | VariablePlace;

/**
 * A key of the operator's own ConfigMap, and the setting in it if it is a file. No setting: the file as a
 * whole can't be understood.
 */
type OwnPlace = { readonly kind: 'own ConfigMap'; readonly name: string } & OwnKey;
type OwnKey =
  | { readonly key: 'ANALYTICS_ENABLED' }
  | { readonly key: 'config.yaml'; readonly setting?: FileSetting };

const FILE_SETTINGS = ['analytics.enabled', 'analytics.enable'] as const;
type FileSetting = (typeof FILE_SETTINGS)[number];

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
    optOutSwitch(mountedData(optOut)),
    ...variableSwitches(variables),
    ...ownSwitches(mountedData(switches), mapName),
  ];
}

function optOutSwitch({ enabled: value, ...others }: Data): ClusterSwitch {
  const name = `enabled in ConfigMap ${OPT_OUT}`;
  const place = { kind: 'opt-out' } as const;
  const otherKeys = Object.keys(others);
  if (value !== undefined || otherKeys.length === 0) return { name, value, place };
  return { name, value, problem: missingKey(name, otherKeys), place };
}

/** The switches in the operator's own ConfigMap. */
export function ownSwitches(data: Data, mapName: string): readonly ClusterSwitch[] {
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
        place: { ...own, key: 'config.yaml', ...(setting && { setting }) } as const,
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
  readonly setting?: FileSetting;
}

/** Reads the configuration file of the operator as the operator does. */
function fileSwitches(text: string | undefined, name: string): readonly FileSwitch[] {
  const file = readConfigFile(name, { text: text ?? '' });
  return [
    ...FILE_SETTINGS.map((setting) => {
      return { name: `${setting} in ${name}`, value: configValue(file, setting), setting };
    }),
    ...file.problems.map((problem) => ({ name, value: undefined, problem })),
  ];
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
