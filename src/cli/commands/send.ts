import type { RunCommand } from '../command.ts';
import { sendOptOut, sendSpool } from '../machine/send.ts';
import { SEND_OPT_OUT } from '../sender.ts';

/**
 * How long the process may live, in milliseconds. It is less than the time limit of the request, after which
 * the exit would wait for a name server that does not respond.
 */
export const LIFE_MS = 4_900;

/** What the detached process runs. It prints nothing, and what fails stays in the spool. */
export const run: RunCommand = async (context) => {
  const { args, time, killSelf } = context;
  const options = { ...context, now: time.now };
  const send = args[0] === SEND_OPT_OUT ? sendOptOut : sendSpool;
  // The steady clock of a program starts with its process.
  const cancel = time.after(LIFE_MS - time.steady(), killSelf);
  await send(options).catch(() => undefined);
  cancel();
  return 0;
};
