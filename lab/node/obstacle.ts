import { command } from '../support/command.ts';
import { ensureNeeded, type Needed, type NeededOptions } from '../support/needed.ts';

/** Where a node's own mounts and network are tried before it is started. */
const TRIAL = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--'];

/**
 * Why a whole node can't be started on this machine, in a few words; `undefined` if it can.
 *
 * What is missing of Debian's packages is installed first, if that is allowed.
 */
export async function obstacle(
  needed: Needed,
  options: NeededOptions,
): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'a whole node needs Linux';
  if (process.getuid?.() !== 0) return 'a whole node needs root';
  try {
    await ensureNeeded(needed, options);
    await command('unshare', [...TRIAL, 'mount', '-t', 'tmpfs', 'tmpfs', '/run'], options);
    return undefined;
  } catch (error) {
    return `a whole node can't be started here: ${(error as Error).message}`;
  }
}
