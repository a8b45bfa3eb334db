import { type Consent, decideConsent } from '../../consent/consent.ts';
import { machineSwitches } from '../../consent/machine.ts';
import type { CommandContext } from '../command.ts';
import { readMachineState } from '../machine/state.ts';

/** Returns whether a switch of this machine says that telemetry is off. Changes nothing. */
export function machineConsent(context: CommandContext): Consent {
  return decideConsent(machineSwitches(context.environment, readMachineState(context).stored));
}
