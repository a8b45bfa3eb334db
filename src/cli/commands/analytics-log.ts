import { sentPayload } from '../../deliver/payload.ts';
import { preview } from '../../deliver/preview.ts';
import type { RunCommand } from '../command.ts';
import { flagText } from '../flags.ts';
import { machineOf } from '../machine/machine-of.ts';
import { sentEvents } from '../machine/spool.ts';
import { readStanding } from '../machine/standing.ts';
import { writeDocument } from '../output/documents.ts';

/** `kusk analytics log`. */
export const run: RunCommand = async (context) => {
  const { flags, stdout, stderr } = context;
  const machine = machineOf(readStanding(context), context);
  const events = machine === undefined ? [] : sentEvents(machine);
  if (events.length === 0) stderr.write('No event of this machine was sent.\n');
  await writeDocument(events.map(sentPayload), {
    format: flagText(flags, 'output'),
    terminal: stdout,
    text: () => preview(events),
  });
  return 0;
};
