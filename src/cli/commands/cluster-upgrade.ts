import type { RunCommand } from '../command.ts';
import { installIn } from '../install/install.ts';
import { machineConsent } from '../install/machine-consent.ts';
import { withCluster } from '../install/session.ts';
import { readTimeout, readWishes } from '../install/wishes.ts';
import { readNamespace } from '../namespace.ts';

/** `kusk cluster upgrade`. */
export const run: RunCommand = async (context) => {
  const namespace = readNamespace(context.flags);
  const wishes = readWishes(context.flags);
  const machine = machineConsent(context);
  const timeoutMs = readTimeout(context.flags);
  const options = { command: 'upgrade', namespace, wishes, machine, timeoutMs } as const;
  return await withCluster(context, (session) => installIn(session, options, context));
};
