import { basename } from 'node:path';
import { MANAGER, OPT_OUT } from '../../cluster/object-names.ts';
import type { FileText } from '../../consent/config-file.ts';
import type { Switch } from '../../consent/consent.ts';

/**
 * Returns the switch in an opt-out file: the mounted key `enabled` of `OPT_OUT`, or a key of
 * ConfigMap `kusk-gateway-manager`.
 *
 * A missing file is an absent switch, because the volume is optional. Any other error counts as off,
 * because the file may contain an opt-out.
 */
export function optOutSwitch(path: string, found: FileText): Switch {
  const key = basename(path);
  const map = key === 'enabled' ? OPT_OUT : MANAGER;
  const name = `${key} in ConfigMap ${map} (${path})`;
  if (found === 'none') return { name, value: undefined };
  if ('text' in found) return { name, value: found.text };
  if (found.error === 'ENOENT') return { name, value: undefined };
  const problem = `${name} can't be read (${found.error}): telemetry is off until it can. Let the operator read it as a file, or delete it.`;
  return { name, value: undefined, problem };
}
