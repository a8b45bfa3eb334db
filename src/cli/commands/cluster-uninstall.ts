import type { RunCommand } from '../command.ts';
import { withCluster } from '../install/session.ts';
import { uninstallFrom } from '../install/uninstall.ts';
import { readNamespace } from '../install/wishes.ts';

/** `kusk cluster uninstall`. */
export const run: RunCommand = async (context) => {
  const namespace = readNamespace(context.flags);
  return await withCluster(context, (session) => uninstallFrom(session, { namespace }, context));
};
