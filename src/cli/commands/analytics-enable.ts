import type { RunCommand } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { switchOn } from '../machine/switch.ts';
import { safeText } from '../output/safe-text.ts';

const SENT = `Counted: that this machine has kusk, and which of its commands ran on a day. No
arguments, names or addresses. What would be sent: kusk analytics preview.
`;

/** `kusk analytics enable`. */
export const run: RunCommand = async (context) => {
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
