import { decideConsent } from '../../consent/consent.ts';
import type { RunCommand } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { isFlagSet } from '../flags.ts';
import { switchOff } from '../machine/switch.ts';
import { SEND, SEND_OPT_OUT } from '../sender.ts';

const REPORTED = `One last event says so, under random ids that were never used before. It is tried
once. --no-report prevents it.
`;

/** `kusk analytics disable`. */
export const run: RunCommand = async (context) => {
  const { environment, flags, stdout, time, startDetached } = context;
  const wasOn = disable();
  const { ANALYTICS_REPORT_OPT_OUT: report } = environment;
  const isReported =
    wasOn &&
    !isFlagSet(flags, 'no-report') &&
    decideConsent([{ name: 'ANALYTICS_REPORT_OPT_OUT', value: report }]).on;
  stdout.write(`Telemetry of this machine is off.\n${isReported ? REPORTED : ''}`);
  if (isReported) startDetached([SEND, SEND_OPT_OUT]);
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
