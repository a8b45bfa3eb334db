import { sentPayload } from '../../deliver/payload.ts';
import { preview } from '../../deliver/preview.ts';
import type { RunCommand } from '../command.ts';
import { flagText } from '../flags.ts';
import { machineOf, pendingOf } from '../machine/machine-of.ts';
import { type Machine, nextEvents } from '../machine/spool.ts';
import { readStanding } from '../machine/standing.ts';
import { writeDocument } from '../output/documents.ts';
import { safeText } from '../output/safe-text.ts';

/** Stands for a machine whose state folder can't be used, or that has no id yet. */
const NO_MACHINE: Machine = { folder: '/nonexistent', machineId: '0'.repeat(64) };

/** `kusk analytics preview`. */
export const run: RunCommand = async (context) => {
  const { flags, stdout, stderr, time } = context;
  const standing = readStanding(context);
  const machine = machineOf(standing) ?? NO_MACHINE;
  const pending = pendingOf(standing);
  const next = nextEvents(machine, { at: Math.floor(time.now() / 1000) });
  const events = [...pending, ...next];
  if (!standing.on) stderr.write(`Telemetry is off: ${safeText(standing.decidedBy)}.\n`);
  if (machine === NO_MACHINE) {
    const { folder, id } = standing.state;
    const isNew = folder.status !== 'unusable' && id.status === 'absent';
    const problem = isNew ? 'no id yet' : 'no id that can be used';
    stderr.write(`This machine has ${problem}. Zeros stand for it.\n`);
  }
  const others = standing.on
    ? 'The others leave if their command runs today.'
    : 'Nothing leaves. Switched on, the others would leave when their command runs.';
  stderr.write(`Pending: ${pending.length}. ${others}\n`);
  writeDocument(events.map(sentPayload), {
    format: flagText(flags, 'output'),
    terminal: stdout,
    text: () => preview(events),
  });
  return 0;
};
