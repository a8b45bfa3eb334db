import type { RunCommand } from '../command.ts';
import { withCluster } from '../install/session.ts';
import { uninstallFrom } from '../install/uninstall.ts';
import { readTimeout } from '../install/wishes.ts';
import { readNamespace } from '../namespace.ts';

/** `kusk cluster uninstall`. */
export const run: RunCommand = async (context) => {
  const options = {
    namespace: readNamespace(context.flags),
    timeoutMs: readTimeout(context.flags),
  };
  return await withCluster(context, (session) => uninstallFrom(session, options, context));
};
