import type { CommandContext, ExitCode, RunCommand } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { isFlagSet } from '../flags.ts';
import type { ClusterTelemetry } from '../install/cluster-telemetry.ts';
import { switchOn } from '../machine/switch.ts';
import { readNamespace } from '../namespace.ts';
import { safeText } from '../output/safe-text.ts';

const SENT = `Counted: that this machine has kusk, and which of its commands ran on a day. No
arguments, names or addresses. What would be sent: kusk analytics preview.
`;

/** `kusk analytics enable`. */
export const run: RunCommand = async (context) => {
  if (isFlagSet(context.flags, 'cluster')) return await enableCluster(context);
  const { stdout, stderr, time } = context;
  const { on, decidedBy } = enable();
  if (on) stdout.write(`Telemetry of this machine is on.\n${SENT}`);
  else {
    stdout.write('Telemetry of this machine is still off.\n');
    stderr.write(`${safeText(decidedBy)}\n`);
  }
  return 0;

  function enable() {
    try {
      return switchOn({ ...context, now: time.now, isSeen: stdout.isTerminal });
    } catch (error) {
      throw new CommandError(`telemetry can't be switched on: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
};

async function enableCluster(context: CommandContext): Promise<ExitCode> {
  const { flags, stdout, stderr } = context;
  const { clusterFlags } = await import('../install/cluster-flags.ts');
  const { refuseElsewhere } = await import('../install/elsewhere.ts');
  const { switchClusterOn } = await import('../install/cluster-switch.ts');
  const { withCluster } = await import('../install/session.ts');
  const namespace = readNamespace(flags);
  const { telemetry, advice } = await withCluster(context, ({ api }) =>
    switchClusterOn(api, { namespace, flags: clusterFlags(flags) }),
  );
  const { consent, operator, elsewhere } = telemetry;
  stdout.write(`${operator ? clusterText(telemetry) : namespaceText(telemetry)}\n`);
  if (consent.on && operator) stdout.write(FOLLOWS);
  if (!consent.on) {
    stderr.write(`${[consent.decidedBy, advice ?? ''].map(safeText).join('\n').trimEnd()}\n`);
  }
  if (operator) return 0;
  const command = 'kusk analytics enable --cluster';
  refuseElsewhere(elsewhere, { command, flags: clusterFlags(flags) });
  return 0;
}

type Telemetry = Pick<ClusterTelemetry, 'consent' | 'namespace'>;

function clusterText({ consent, namespace }: Telemetry): string {
  return `Telemetry of the cluster is ${consent.on ? 'on' : 'still off'} (namespace ${namespace}).`;
}

function namespaceText({ consent, namespace }: Telemetry): string {
  return `Namespace ${namespace} is ${consent.on ? 'not' : 'still'} opted out. No operator runs there.`;
}

const FOLLOWS = 'A running operator follows within a minute or two.\n';
