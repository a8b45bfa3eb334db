import { type ConfigKey, configValue, readConfigFile } from '../../consent/config-file.ts';
import { DEFAULT_ENDPOINT } from '../../deliver/endpoint-settings.ts';
import { trimmed } from '../../runtime/trim.ts';
import type { Places } from './cluster-switches.ts';
import { mountedData } from './kube-object.ts';
import type { Container } from './object-settings.ts';

/** Where the operator of a cluster sends. */
export interface ClusterDelivery {
  /** As it is written. It may be invalid, and may hold a password. */
  readonly endpoint: string;
  /** Whether the cluster has a write key. Without one, the image's own is used, if it has any. */
  readonly hasWriteKey: boolean;
}

/** Stands for an endpoint that can't be read from outside a pod. */
const ONLY_IN_POD = 'unknown: a pod computes it';

/** Returns where the operator sends. As for the operator, a variable wins over its configuration file. */
export function clusterDelivery(
  container: Container | undefined,
  { variables, switches }: Pick<Places, 'variables' | 'switches'>,
): ClusterDelivery {
  const file = readConfigFile('config.yaml', { text: mountedData(switches)['config.yaml'] ?? '' });
  const inFile = (key: ConfigKey) => textOf(configValue(file, key), key);
  const found = variables.find('ANALYTICS_ENDPOINT');
  const variable = found && trimmed(found.value ?? ONLY_IN_POD);
  // Its value can be in a Secret that the account may not read.
  const hasVariable = container?.env?.some(({ name }) => name === 'ANALYTICS_WRITE_KEY') ?? false;
  return {
    endpoint: variable || inFile('analytics.endpoint') || DEFAULT_ENDPOINT,
    hasWriteKey: hasVariable || inFile('analytics.writeKey') !== '',
  };
}

/** With a value that is no text, the operator sends nothing. */
function textOf(value: unknown, key: ConfigKey): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? trimmed(value) : `not valid: ${key} is no text`;
}
