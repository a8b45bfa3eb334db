import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { ROOT } from '../../lab/support/root.ts';
import { bundleCliAsOne } from '../build/bundle-cli.ts';

export interface ExecutableOptions {
  readonly into: string;
  /** What `kusk` sends with if ANALYTICS_WRITE_KEY is not set. */
  readonly writeKey: string;
}

/** What Node looks for in its own file. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * Builds one file that needs no Node: the Node that runs this, with `kusk` and its compiled code inside.
 * Returns its path. Only on Linux.
 *
 * @see https://nodejs.org/api/single-executable-applications.html
 */
export async function buildExecutable({ into, writeKey }: ExecutableOptions): Promise<string> {
  if (process.platform !== 'linux')
    throw new Error('The single executable is built on Linux only.');
  const executable = join(into, `kusk-linux-${process.arch}`);
  const work = await mkdtemp(join(tmpdir(), 'kusk-executable-'));
  try {
    const config = join(work, 'sea.json');
    const blob = join(work, 'kusk.blob');
    const main = await bundleCliAsOne({ into: work, writeKey });
    await writeFile(
      config,
      JSON.stringify({
        main,
        output: blob,
        disableExperimentalSEAWarning: true,
        useCodeCache: true,
      }),
    );
    await command(process.execPath, ['--experimental-sea-config', config]);
    await mkdir(into, { recursive: true });
    await rm(executable, { force: true });
    await copyFile(process.execPath, executable);
    await chmod(executable, 0o755);
    // Before the blob is in: after that, stripping destroys it.
    await command('strip', [executable]);
    const postject = join(ROOT, 'node_modules/postject/dist/cli.js');
    await command(process.execPath, [
      postject,
      executable,
      'NODE_SEA_BLOB',
      blob,
      '--sentinel-fuse',
      FUSE,
    ]);
    return executable;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
