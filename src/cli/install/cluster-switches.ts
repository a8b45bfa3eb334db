import { load } from 'js-yaml';
import { MANAGER, OPT_OUT } from '../../cluster/object-names.ts';
import type { Switch } from '../../consent/consent.ts';
import type { KubeObject } from './kube-object.ts';
import type { Container, Deployment } from './object-settings.ts';

/** Where the switches of a cluster are. */
export interface Places {
  readonly container: Container | undefined;
  readonly optOut: KubeObject | undefined;
  readonly switches: KubeObject | undefined;
  /** The name of the ConfigMap `switches`. */
  readonly mapName: string;
}

/** The switches that the operator reads. The one that an installation sets comes before those of a hand. */
export function clusterSwitches({
  container,
  optOut,
  switches,
  mapName,
}: Places): readonly Switch[] {
  const data = dataOf(switches);
  return [
    { name: `enabled in ConfigMap ${OPT_OUT}`, value: dataOf(optOut).enabled },
    {
      name: 'ANALYTICS_ENABLED of the Deployment',
      value: variableOf(container, 'ANALYTICS_ENABLED'),
    },
    {
      name: 'DO_NOT_TRACK of the Deployment',
      value: variableOf(container, 'DO_NOT_TRACK') || undefined,
      inverted: true,
    },
    { name: `ANALYTICS_ENABLED in ConfigMap ${mapName}`, value: data.ANALYTICS_ENABLED },
    ...fileSwitches(data['config.yaml'], `config.yaml in ConfigMap ${mapName}`),
  ];
}

/** Reads the configuration file of the operator, as far as consent goes. */
function fileSwitches(text: string | undefined, name: string): readonly Switch[] {
  if (text === undefined || text.trim() === '') return [];
  try {
    const root = load(text, { maxAliases: 10 }) as { readonly analytics?: unknown } | null;
    const analytics = root?.analytics;
    if (analytics === undefined) return [];
    const group = analytics as Readonly<Record<string, unknown>> | null;
    return [
      { name: `analytics.enabled in ${name}`, value: group?.enabled },
      { name: `analytics.enable in ${name}`, value: group?.enable },
      ...(typeof analytics === 'object' && analytics !== null ? [] : [unreadable(name)]),
    ];
  } catch {
    return [unreadable(name)];
  }
}

function unreadable(name: string): Switch {
  const problem = `${name} can't be understood: telemetry is off. Write analytics: {enabled: false}, or delete the key.`;
  return { name, value: undefined, problem };
}

export function dataOf(map: KubeObject | undefined): Readonly<Record<string, string | undefined>> {
  return (map?.data ?? {}) as Readonly<Record<string, string | undefined>>;
}

/** A value that comes from elsewhere can't be seen here. */
export function variableOf(container: Container | undefined, name: string): string | undefined {
  return container?.env?.find((variable) => variable.name === name)?.value;
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
