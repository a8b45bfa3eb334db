import type { CommandContext } from './command.ts';

/** The first argument of the detached process that sends. */
export const SEND = '__send';
/** Its second argument: what it sends. */
export const SEND_SPOOL = 'spool';
export const SEND_OPT_OUT = 'opt-out';

/** Starts the sender. Does not throw: a later run sends what is in the spool. */
export function startSender(
  { startDetached }: Pick<CommandContext, 'startDetached'>,
  what: typeof SEND_SPOOL | typeof SEND_OPT_OUT,
): void {
  try {
    startDetached([SEND, what]);
  } catch {
    // Telemetry never breaks a command.
  }
}
