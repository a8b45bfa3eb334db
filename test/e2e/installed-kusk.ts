import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { programOf, releasedPackage } from '../../lab/support/programs.ts';
import { bundleCli } from '../../tools/build/bundle-cli.ts';
import { buildPackage } from '../../tools/cli/package.ts';

/** `kusk` as a user has it: installed from its packed npm package. */
export interface InstalledKusk {
  /** The folder that belongs in the PATH. */
  readonly bin: string;
  /** The file that Node runs. */
  readonly program: string;
  /** The packed package. */
  readonly archive: string;
}

/**
 * Packs `kusk` and installs it into an empty folder, without any registry. A release that is tested has its
 * package already, with the write key of the release.
 */
export async function installKusk(into: string): Promise<InstalledKusk> {
  const built = join(into, 'built');
  const folder = join(into, 'installed');
  for (const path of [built, folder]) await mkdir(path, { recursive: true });
  const archive = releasedPackage() ?? (await buildPackage({ into: built, writeKey: '' }));
  await command('npm', ['install', '--offline', '--prefix', folder, archive], { cwd: folder });
  const modules = join(folder, 'node_modules');
  return { bin: join(modules, '.bin'), program: join(modules, 'kusk/kusk.mjs'), archive };
}

export interface BundleOptions {
  /** A folder for a bundle that is not there yet. */
  readonly into: string;
  /** What `kusk` sends with if ANALYTICS_WRITE_KEY is not set. */
  readonly writeKey: string;
}

/**
 * Returns the file of `kusk` that Node runs, the same as in the package, without npm: what `npm test` has
 * built or a release has, else a bundle of its own.
 */
export async function bundledKusk({ into, writeKey }: BundleOptions): Promise<string> {
  const built = programOf('kusk');
  if (writeKey === '' && built.endsWith('.mjs')) return built;
  const [program = ''] = await bundleCli({ into, writeKey });
  return program;
}
