import { basename } from 'node:path';
import { MANAGER, OPT_OUT } from '../../cluster/object-names.ts';
import type { FileText } from '../../consent/config-file.ts';
import { missingKey, type Switch } from '../../consent/consent.ts';

/** The result of reading an opt-out file. */
export type OptOutText =
  | FileText
  /** The file is missing, but the ConfigMap `kusk-gateway-opt-out` has these keys. */
  | { readonly otherKeys: readonly string[] };

/** The keys that are mounted, and their ConfigMaps. */
const KEYS: ReadonlyMap<string, string> = new Map([
  ['enabled', OPT_OUT],
  ['ANALYTICS_ENABLED', MANAGER],
]);

/**
 * Returns the switch in an opt-out file: a mounted key of a ConfigMap, or a file of any other name, as
 * where the operator is run by hand.
 *
 * A missing file is an absent switch, because the volume is optional. Any other error counts as off,
 * because the file may contain an opt-out. So do other keys, because one may be misspelt.
 */
export function optOutSwitch(path: string, found: OptOutText): Switch {
  const map = mountedFrom(path);
  const name = map === undefined ? path : `${basename(path)} in ConfigMap ${map} (${path})`;
  if (found === 'none') return { name, value: undefined };
  if ('text' in found) return { name, value: found.text };
  if ('otherKeys' in found) {
    return { name, value: undefined, problem: missingKey(name, found.otherKeys) };
  }
  if (found.error === 'ENOENT') return { name, value: undefined };
  const problem = `${name} can't be read (${found.error}): telemetry is off until it can. Let the operator read it as a file, or delete it.`;
  return { name, value: undefined, problem };
}

/** Returns the ConfigMap whose mounted key the path is, by the key's name. */
export function mountedFrom(path: string): string | undefined {
  return KEYS.get(basename(path));
}
