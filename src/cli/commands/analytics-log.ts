import { sentPayload } from '../../deliver/payload.ts';
import type { Payload } from '../../record/ledger.ts';
import type { CommandContext, RunCommand } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { flagText, isFlagSet } from '../flags.ts';
import type { ClusterTelemetry } from '../install/cluster-telemetry.ts';
import { machineOf } from '../machine/machine-of.ts';
import { sentEvents } from '../machine/spool.ts';
import { readStanding, stateObstacles } from '../machine/standing.ts';
import { readNamespace } from '../namespace.ts';
import { writeDocument } from '../output/documents.ts';
import { safeText } from '../output/safe-text.ts';

/** What was sent, and what to say if that is nothing. */
interface Sent {
  readonly payloads: readonly Payload[];
  /** A sentence without a full stop. */
  readonly ifNone: string;
}

/** `kusk analytics log`. */
export const run: RunCommand = async (context) => {
  const { flags, stdout, stderr } = context;
  const isCluster = isFlagSet(flags, 'cluster');
  const { payloads, ifNone } = isCluster ? await sentByCluster(context) : sentByMachine(context);
  if (payloads.length === 0) stderr.write(`${safeText(ifNone)}.\n`);
  writeDocument(payloads, {
    format: flagText(flags, 'output'),
    terminal: stdout,
    text: () => payloads.map((payload) => `${safeText(JSON.stringify(payload))}\n`).join(''),
  });
  return 0;
};

function sentByMachine(context: CommandContext): Sent {
  const standing = readStanding(context);
  const machine = machineOf(standing);
  const events = machine === undefined ? [] : sentEvents(machine);
  const [obstacle] = stateObstacles(standing.state);
  return {
    payloads: events.map((event) => ({ ...sentPayload(event) })),
    ifNone: obstacle
      ? `What was sent can't be read: ${obstacle}`
      : 'No event of this machine was sent',
  };
}

async function sentByCluster(context: CommandContext): Promise<Sent> {
  const { clusterFlags } = await import('../install/cluster-flags.ts');
  const { readClusterTelemetry } = await import('../install/cluster-telemetry.ts');
  const { refuseElsewhere } = await import('../install/elsewhere.ts');
  const { withCluster } = await import('../install/session.ts');
  const { flags } = context;
  const namespace = readNamespace(flags);
  const { ledger, operator, elsewhere } = await withCluster(context, ({ api }) =>
    readClusterTelemetry(api, namespace),
  );
  const payloads = sentIn(ledger);
  if (payloads.length === 0 && operator === undefined) {
    const command = 'kusk analytics log --cluster';
    refuseElsewhere(elsewhere, { command, flags: clusterFlags(flags) });
  }
  const none = `There is no ledger in namespace ${namespace}: nothing was sent from there, or it was deleted`;
  return {
    payloads,
    ifNone: ledger.state === 'none' ? none : `No event was sent from namespace ${namespace}`,
  };
}

/** Throws a `CommandError` if the ledger can't be used. */
function sentIn(ledger: ClusterTelemetry['ledger']): readonly Payload[] {
  switch (ledger.state) {
    case 'read':
      return ledger.ledger.sent;
    case 'damaged':
      throw new CommandError(`the ledger is damaged: ${ledger.problem}`);
    case 'newer':
      throw new CommandError('a newer version has written the ledger', {
        advice: 'Install a newer kusk.',
      });
    case 'foreign':
      throw new CommandError('the ledger belongs to another cluster, as after a restore', {
        advice: 'The operator does not use it, and begins a new one when it is on.',
      });
    default:
      return [];
  }
}
