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
  /** Where `cluster install` says that the image is, by default that of the checkout. */
  readonly registry?: string | undefined;
  /** Another processor's Node for Linux, of the same version as the Node that runs this. */
  readonly foreign?: ForeignNode | undefined;
}

export interface ForeignNode {
  /** As in `process.arch`. */
  readonly arch: string;
  readonly file: string;
}

/** What Node looks for in its own file. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const MAIN = 'kusk.cjs';
const BLOB = 'kusk.blob';

/**
 * Builds one file that needs no Node: the Node that runs this, with `kusk` and its compiled code inside.
 * Returns its path. The same sources make the same bytes. Only on Linux.
 *
 * With another processor's Node there is no compiled code in it, as that is made for one processor.
 * @see https://nodejs.org/api/single-executable-applications.html
 */
export async function buildExecutable(options: ExecutableOptions): Promise<string> {
  if (process.platform !== 'linux')
    throw new Error('The single executable is built on Linux only.');
  const { into, writeKey, registry, foreign } = options;
  const executable = join(into, `kusk-linux-${foreign?.arch ?? process.arch}`);
  const work = await mkdtemp(join(tmpdir(), 'kusk-executable-'));
  try {
    await bundleCliAsOne({ into: work, writeKey, registry });
    await prepareBlob(work, { useCodeCache: foreign === undefined });
    await mkdir(into, { recursive: true });
    await rm(executable, { force: true });
    await copyFile(foreign?.file ?? process.execPath, executable);
    await chmod(executable, 0o755);
    // Before the blob is in: after that, stripping destroys it. It is for this processor's files only.
    if (foreign === undefined) await command('strip', [executable]);
    const postject = join(ROOT, 'node_modules/postject/dist/cli.js');
    const args = ['NODE_SEA_BLOB', join(work, BLOB), '--sentinel-fuse', FUSE];
    await command(process.execPath, [postject, executable, ...args]);
    return executable;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The blob holds the path of the program as it is written here, so it has no folder. */
async function prepareBlob(
  cwd: string,
  { useCodeCache }: { readonly useCodeCache: boolean },
): Promise<void> {
  const config = { main: MAIN, output: BLOB, disableExperimentalSEAWarning: true, useCodeCache };
  await writeFile(join(cwd, 'sea.json'), JSON.stringify(config));
  // Else V8's hashes, and with them the compiled code, differ each time.
  const args = ['--random-seed=1', '--experimental-sea-config', 'sea.json'];
  await command(process.execPath, args, { cwd });
}
