import { basename } from 'node:path';
import type { Switch } from '../../consent/consent.ts';
import type { FileText } from './file.ts';

/** The ConfigMap that no tool renders, so that an opt-out in it outlives every upgrade. */
export const OPT_OUT_MAP = 'kusk-gateway-opt-out';

/**
 * The switch in an opt-out file: the mounted key `enabled` of `OPT_OUT_MAP`, or another ConfigMap's key.
 *
 * A file that does not exist says nothing: the volume is optional. Any other error counts as off,
 * as somebody may have written an opt-out that can't be read.
 */
export function optOutSwitch(path: string, found: FileText): Switch {
  const key = basename(path);
  const map = key === 'enabled' ? OPT_OUT_MAP : 'kusk-gateway-manager';
  const name = `${key} in ConfigMap ${map} (${path})`;
  if (found === 'none') return { name, value: undefined };
  if ('text' in found) return { name, value: found.text };
  if (found.error === 'ENOENT') return { name, value: undefined };
  const problem = `${name} can't be read (${found.error}): telemetry is off until it can. Let the operator read it as a file, or delete it.`;
  return { name, value: undefined, problem };
}
