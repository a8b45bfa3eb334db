import { sentPayload } from '../../deliver/payload.ts';
import type { Payload } from '../../record/ledger.ts';
import type { CommandContext, RunCommand } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { flagText, isFlagSet } from '../flags.ts';
import { machineOf } from '../machine/machine-of.ts';
import { sentEvents } from '../machine/spool.ts';
import { readStanding } from '../machine/standing.ts';
import { readNamespace } from '../namespace.ts';
import { writeDocument } from '../output/documents.ts';
import { safeText } from '../output/safe-text.ts';

/** `kusk analytics log`. */
export const run: RunCommand = async (context) => {
  const { flags, stdout, stderr } = context;
  const isCluster = isFlagSet(flags, 'cluster');
  const payloads = isCluster ? await sentByCluster(context) : sentByMachine(context);
  if (payloads.length === 0) {
    stderr.write(`No event of this ${isCluster ? 'cluster' : 'machine'} was sent.\n`);
  }
  writeDocument(payloads, {
    format: flagText(flags, 'output'),
    terminal: stdout,
    text: () => payloads.map((payload) => `${safeText(JSON.stringify(payload))}\n`).join(''),
  });
  return 0;
};

function sentByMachine(context: CommandContext): readonly Payload[] {
  const machine = machineOf(readStanding(context));
  const events = machine === undefined ? [] : sentEvents(machine);
  return events.map((event) => ({ ...sentPayload(event) }));
}

async function sentByCluster(context: CommandContext): Promise<readonly Payload[]> {
  const { readClusterTelemetry } = await import('../install/cluster-telemetry.ts');
  const { withCluster } = await import('../install/session.ts');
  const namespace = readNamespace(context.flags);
  const { ledger } = await withCluster(context, ({ api }) => readClusterTelemetry(api, namespace));
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
