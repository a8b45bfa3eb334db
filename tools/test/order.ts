import { join } from 'node:path';
import { ROOT } from '../../lab/support/root.ts';

/**
 * The files that take longest, slowest first, as `npm test` prints them. A long file that starts late
 * keeps one core busy while the other has nothing left to do.
 */
export const LONGEST: readonly string[] = [
  'charts/opt-out-lasts',
  'lab/chaos/chaos',
  'node/whole-node',
  'node/collector',
  'e2e/files-apart',
  'charts/gateway',
  'charts/cluster',
  'e2e/broken-watch',
  'e2e/endpoint-faults',
  'charts/lifecycle-helm3',
  'charts/lifecycle-helm4',
  'e2e/broken-ledger',
  'e2e/switch',
  'charts/tenants',
].map((name) => join(ROOT, 'test', `${name}.test.ts`));

/** Returns the longest files first, and all others in the order that they had. */
export function longestFirst(files: readonly string[]): readonly string[] {
  const long = LONGEST.filter((file) => files.includes(file));
  return [...long, ...files.filter((file) => !long.includes(file))];
}
