import { decideConsent } from '../../consent/consent.ts';
import type { CommandContext, ExitCode, RunCommand } from '../command.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { isFlagSet } from '../flags.ts';
import type { ClusterTelemetry } from '../install/cluster-telemetry.ts';
import { switchOff } from '../machine/switch.ts';
import { readNamespace } from '../namespace.ts';
import { SEND_OPT_OUT, startSender } from '../sender.ts';

const REPORTED = `One last event says so, under random ids that were never used before. It is
tried once. --no-report prevents it.
`;

/** `kusk analytics disable`. */
export const run: RunCommand = async (context) => {
  if (isFlagSet(context.flags, 'cluster')) return await disableCluster(context);
  const { environment, flags, stdout, time } = context;
  const wasOn = disable();
  const { ANALYTICS_REPORT_OPT_OUT: report } = environment;
  const isReported =
    wasOn &&
    !isFlagSet(flags, 'no-report') &&
    decideConsent([{ name: 'ANALYTICS_REPORT_OPT_OUT', value: report }]).on;
  stdout.write(`Telemetry of this machine is off.\n${isReported ? REPORTED : ''}`);
  if (isReported) startSender(context, SEND_OPT_OUT);
  return 0;

  function disable(): boolean {
    try {
      return switchOff({ ...context, now: time.now });
    } catch (error) {
      throw new CommandError(`telemetry can't be switched off: ${(error as Error).message}`, {
        advice: 'Set ANALYTICS_ENABLED=false in the environment instead.',
        cause: error,
      });
    }
  }
};

async function disableCluster(context: CommandContext): Promise<ExitCode> {
  const { flags, stdout, stderr } = context;
  if (isFlagSet(flags, 'no-report')) {
    throw new UsageError('--no-report is for this machine, and the operator sends the last event', {
      advice: 'Set analytics.reportOptOut=false in the cluster first, or leave --no-report out.',
    });
  }
  const { clusterFlags } = await import('../install/cluster-flags.ts');
  const { commandsFor, elsewhereText, refuseElsewhere } = await import('../install/elsewhere.ts');
  const { switchClusterOff } = await import('../install/cluster-switch.ts');
  const { withCluster } = await import('../install/session.ts');
  const namespace = readNamespace(flags);
  const options = { command: 'kusk analytics disable --cluster', flags: clusterFlags(flags) };
  const found = await withCluster(context, ({ api }) =>
    switchClusterOff(api, { ...options, namespace }),
  );
  if ('unread' in found) {
    stdout.write(`Namespace ${namespace} is opted out. ${FOLLOWS}`);
    stderr.write(`Whether an operator runs there can't be read: ${found.unread}.\n`);
    return 0;
  }
  const { telemetry, others } = found;
  if (!telemetry.operator) {
    stdout.write(`Namespace ${namespace} is opted out: an operator that is installed there later sends
nothing. None runs there now.
`);
    refuseElsewhere(telemetry.elsewhere, options);
    return 0;
  }
  const follows = isReported(telemetry) ? REPORTS : FOLLOWS;
  if (others.length === 0) {
    stdout.write(`Telemetry of the cluster is off (namespace ${namespace}).\n${follows}`);
    return 0;
  }
  stdout.write(`Telemetry of namespace ${namespace} is off.\n${follows}`);
  stderr.write(`Each namespace has its own switch, and ${elsewhereText(others)}:
${commandsFor(others, options)}
`);
  return 0;
}

/** The operator reports a consent that ends in its ledger. */
function isReported({ ledger }: ClusterTelemetry): boolean {
  return ledger.state === 'read' && ledger.ledger.consent === 'on';
}

const FOLLOWS = `A running operator follows within a minute or two.
Every upgrade leaves the switch alone.
`;
const REPORTS = `A running operator follows within a minute or two, and sends one last event under
random ids unless analytics.reportOptOut is false. Every upgrade leaves the switch
alone.
`;
