import type { CommandContext, RunCommand } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { flagText } from '../flags.ts';
import { hasKubeconfig } from '../install/kubeconfig-of.ts';
import { readNamespace } from '../namespace.ts';
import { writeDocument } from '../output/documents.ts';
import { table } from '../output/table.ts';
import { versionWithTag } from '../output/version-with-tag.ts';
import { wrapSentences } from '../output/wrap.ts';
import type { ClusterStatus } from './analytics-cluster.ts';
import { type MachineStatus, machineStatus } from './analytics-machine.ts';

/** The document of `kusk analytics status -o json`. */
export interface AnalyticsStatus {
  readonly machine: MachineStatus;
  /** `null` without a kubeconfig. */
  readonly cluster: ClusterStatus | null;
}

/** How long the API server may take, in milliseconds. */
const PATIENCE_MS = 5_000;

/** `kusk analytics status`. */
export const run: RunCommand = async (context) => {
  const { flags, stdout } = context;
  const machine = machineStatus(context);
  const cluster = await clusterIn(context);
  await writeDocument<AnalyticsStatus>(
    { machine, cluster },
    {
      format: flagText(flags, 'output'),
      terminal: stdout,
      text: () => [machineText(machine, stdout), clusterText(cluster, stdout)].join('\n'),
    },
  );
  return cluster?.telemetry === 'unknown' && namesCluster(context) ? 3 : 0;
};

/** Returns whether a flag names a cluster, so that it must be there. */
function namesCluster({ flags }: CommandContext): boolean {
  return ['kubeconfig', 'context'].some((name) => flagText(flags, name));
}

/** A cluster that can't be reached is part of the status, and no failure. */
async function clusterIn(context: CommandContext): Promise<ClusterStatus | null> {
  if (!namesCluster(context) && !hasKubeconfig(context)) return null;
  // Loaded only here: the connection to a cluster is most of the program.
  const { clusterStatus, unreachableStatus } = await import('./analytics-cluster.ts');
  const { clusterFlags } = await import('../install/cluster-flags.ts');
  const { readClusterTelemetry } = await import('../install/cluster-telemetry.ts');
  const { withCluster } = await import('../install/session.ts');
  const namespace = readNamespace(context.flags);
  const deadline = context.time.deadline(PATIENCE_MS);
  const signal = AbortSignal.any([context.signal, deadline]);
  try {
    const telemetry = await withCluster({ ...context, signal }, ({ api }) =>
      readClusterTelemetry(api, namespace),
    );
    return clusterStatus(telemetry, clusterFlags(context.flags));
  } catch (error) {
    context.signal.throwIfAborted();
    const late = new CommandError(`the API server did not respond within ${PATIENCE_MS / 1000} s`, {
      advice:
        'A login by an exec plugin takes longer: log in first, as with kubectl get namespaces.',
    });
    return unreachableStatus(namespace, deadline.aborted ? late : error);
  }
}

type Row = readonly [string, string | null];
interface Width {
  readonly columns: number;
}

function machineText(machine: MachineStatus, width: Width): string {
  const { telemetry, decidedBy, since, id, endpoint, pending, state, change, problems } = machine;
  const rows: readonly Row[] = [
    ['telemetry', telemetry],
    ['decided by', decidedBy],
    ['since', since],
    ['id', id ?? 'none yet'],
    ['endpoint', endpoint],
    ['pending', events(pending)],
    ['state', state],
    ...problems.map((problem): Row => ['problem', problem]),
  ];
  return section('This machine', { rows, change, width });
}

function clusterText(cluster: ClusterStatus | null, width: Width): string {
  if (cluster === null) return 'The cluster\n  There is no kubeconfig.\n';
  const { telemetry, decidedBy, since, id, endpoint, pending, namespace, change } = cluster;
  const rows: readonly Row[] = [
    ['telemetry', telemetry],
    ['decided by', decidedBy],
    ['since', since],
    ['id', id],
    ['endpoint', endpoint],
    ['write key', cluster.writeKey === 'unknown' ? "the image's own, if it has one" : null],
    ['pending', pending === null ? null : events(pending)],
    ['operator', cluster.operator && versionWithTag(cluster.operator, cluster.operatorTag)],
    ['owner', cluster.owner],
    ['namespace', namespace],
    ...cluster.problems.map((problem): Row => ['problem', problem]),
  ];
  return section('The cluster', { rows, change, width });
}

interface SectionOptions {
  readonly rows: readonly Row[];
  readonly change: string;
  readonly width: Width;
}

function section(title: string, { rows, change, width: { columns } }: SectionOptions): string {
  const known = rows.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  const text = wrapSentences(change, { width: columns - 2 }).replaceAll('\n', '\n  ');
  return `${title}\n${table(known, { columns, indent: 2 })}\n${change === '' ? '' : `  ${text}\n`}`;
}

function events(count: number): string {
  return count === 1 ? '1 event' : `${count} events`;
}
