import { join } from 'node:path';
import { ROOT } from '../../lab/support/root.ts';

/**
 * The files that take longest, slowest first, as `npm test` prints them. A long file that starts late
 * keeps one core busy while the other has nothing left to do.
 */
export const LONGEST: readonly string[] = [
  'lab/chaos/chaos',
  'e2e/endpoint-faults',
  'node/whole-node',
  'e2e/files-apart',
  'node/collector',
  'e2e/dashboard',
  'charts/tenants',
  'charts/gateway',
  'charts/lifecycle-helm4',
  'charts/opt-out-lasts',
  'charts/cluster',
  'e2e/switch',
  'e2e/api-server',
  'charts/lifecycle-helm3',
  'collector/official-clients',
  'e2e/cli-cluster',
  'charts/releases',
  'e2e/exactly-once',
  'e2e/replaced-ledger',
  'collector/ingest/slow-senders',
  'e2e/restored',
  'e2e/broken-watch',
  'record/creations-model',
  'e2e/leaders',
  'lab/control-plane',
  'e2e/broken-ledger',
  'collector/pages/browser',
  'e2e/crds',
  'dashboard/dashboard-browser',
  'collector/store/both-stores',
  'charts/collector-cluster',
  'charts/opt-out-values',
  'deploy/deploy',
  'operator/program',
  'operator/outbox/outbox',
  'collector/program',
  'e2e/cli-cluster-owners',
  'e2e/broken-rights',
  'e2e/cli-analytics-cluster',
  'e2e/cli-dashboard',
  'e2e/recovery',
  'e2e/compaction',
  'lab/bench/program',
  'operator/withdrawal',
  'collector/store/clickhouse/import-group',
  'tools/release',
  'bin/programs',
  'record/heartbeat',
  'cluster/kubeconfig',
].map((name) => join(ROOT, 'test', `${name}.test.ts`));

/** Returns the longest files first, and all others in the order that they had. */
export function longestFirst(files: readonly string[]): readonly string[] {
  const long = LONGEST.filter((file) => files.includes(file));
  return [...long, ...files.filter((file) => !long.includes(file))];
}
