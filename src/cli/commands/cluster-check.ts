import type { RunCommand } from '../command.ts';
import { checkCluster } from '../install/check.ts';
import { withCluster } from '../install/session.ts';
import { readNamespace } from '../namespace.ts';

/** `kusk cluster check`. */
export const run: RunCommand = async (context) => {
  const namespace = readNamespace(context.flags);
  return await withCluster(context, (session) => checkCluster(session, { namespace }, context));
};
