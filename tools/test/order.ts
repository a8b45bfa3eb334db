import { join } from 'node:path';
import { ROOT } from '../../lab/support/root.ts';

/**
 * The files that take longest, slowest first, as `npm test` prints them. A long file that starts late
 * keeps one core busy while the other has nothing left to do.
 */
export const LONGEST: readonly string[] = [
  'lab/chaos/chaos',
  'e2e/dashboard',
  'e2e/files-apart',
  'charts/opt-out-lasts',
  'node/whole-node',
  'dashboard/dashboard-browser',
  'charts/gateway',
  'e2e/endpoint-faults',
  'e2e/replaced-ledger',
  'collector/pages/browser',
  'charts/tenants',
  'charts/cluster',
  'charts/lifecycle-helm3',
  'charts/lifecycle-helm4',
  'node/collector',
  'e2e/cli-cluster',
  'e2e/switch',
  'collector/official-clients',
  'e2e/exactly-once',
  'collector/program',
  'e2e/cli-cluster-owners',
  'charts/releases',
  'collector/ingest/slow-senders',
  'e2e/broken-watch',
  'e2e/restored',
  'e2e/cli-cluster-followed',
  'e2e/broken-ledger',
  'e2e/api-server',
  'record/creations-model',
  'collector/store/both-stores',
].map((name) => join(ROOT, 'test', `${name}.test.ts`));

/** Returns the longest files first, and all others in the order that they had. */
export function longestFirst(files: readonly string[]): readonly string[] {
  const long = LONGEST.filter((file) => files.includes(file));
  return [...long, ...files.filter((file) => !long.includes(file))];
}
