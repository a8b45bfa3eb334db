import type { RunCommand } from '../command.ts';
import { UsageError } from '../command-error.ts';
import { isFlagSet } from '../flags.ts';
import { printExport } from '../install/export.ts';
import { machineConsent } from '../install/machine-consent.ts';
import { readTimeout, readWishes } from '../install/wishes.ts';
import { readNamespace } from '../namespace.ts';

/** `kusk cluster install`. */
export const run: RunCommand = async (context) => {
  const { flags } = context;
  const namespace = readNamespace(flags);
  const wishes = readWishes(flags);
  const machine = machineConsent(context);
  const timeoutMs = readTimeout(flags);
  const options = { command: 'install', namespace, wishes, machine, timeoutMs } as const;
  if (isFlagSet(flags, 'export')) {
    if (isFlagSet(flags, 'dry-run')) {
      throw new UsageError('--export and --dry-run are both set', { advice: 'Write one of them.' });
    }

    return await printExport(options, context);
  }
  const { withCluster } = await import('../install/session.ts');
  const { installIn } = await import('../install/install.ts');
  return await withCluster(context, (session) => installIn(session, options, context));
};
