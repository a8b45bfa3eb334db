import type { RunCommand } from '../command.ts';
import { sendOptOut, sendSpool } from '../machine/send.ts';
import { SEND_OPT_OUT } from '../sender.ts';

/**
 * How long the process may live before it stops waiting, in milliseconds. After that it has another
 * second to exit (src/bin/program.ts), so that it never lives longer than 5 s.
 */
const LIFE_MS = 3_900;

/** What the detached process runs. It prints nothing, and what fails stays in the spool. */
export const run: RunCommand = async (context) => {
  const { args, time } = context;
  const options = { ...context, now: time.now };
  const send = args[0] === SEND_OPT_OUT ? sendOptOut : sendSpool;
  const over = Promise.withResolvers<void>();
  // The steady clock of a program starts with its process.
  const cancel = time.after(LIFE_MS - time.steady(), over.resolve);
  await Promise.race([send(options).catch(() => undefined), over.promise]);
  cancel();
  return 0;
};
