import { join } from 'node:path';
import { ROOT } from '../../lab/support/root.ts';

/**
 * The files that take longest, slowest first, as `npm test` prints them. A long file that starts late
 * keeps one core busy while the other has nothing left to do.
 */
export const LONGEST: readonly string[] = [
  'charts/tenants',
  'lab/chaos/chaos',
  'node/whole-node',
  'e2e/files-apart',
  'charts/opt-out-lasts',
  'node/collector',
  'e2e/endpoint-faults',
  'e2e/switch',
  'e2e/dashboard',
  'charts/cluster',
  'charts/lifecycle-helm4',
  'e2e/api-server',
  'charts/lifecycle-helm3',
  'charts/gateway',
  'e2e/broken-ledger',
  'e2e/broken-watch',
  'charts/releases',
  'dashboard/dashboard-browser',
  'collector/ingest/slow-senders',
  'collector/pages/browser',
  'collector/program',
  'collector/official-clients',
  'record/creations-model',
].map((name) => join(ROOT, 'test', `${name}.test.ts`));

/** Returns the longest files first, and all others in the order that they had. */
export function longestFirst(files: readonly string[]): readonly string[] {
  const long = LONGEST.filter((file) => files.includes(file));
  return [...long, ...files.filter((file) => !long.includes(file))];
}
