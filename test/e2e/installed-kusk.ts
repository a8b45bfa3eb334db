import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { releasedPackage } from '../../lab/support/programs.ts';
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

export interface InstallOptions {
  /** An own folder, which is created. */
  readonly into: string;
  readonly writeKey?: string;
}

/**
 * Packs `kusk` and installs it into an empty folder, without any registry. A release that is tested has its
 * package already, with the write key of the release.
 */
export async function installKusk({ into, writeKey = '' }: InstallOptions): Promise<InstalledKusk> {
  const built = join(into, 'built');
  const folder = join(into, 'installed');
  for (const path of [built, folder]) await mkdir(path, { recursive: true });
  const released = writeKey === '' ? releasedPackage() : undefined;
  const archive = released ?? (await buildPackage({ into: built, writeKey }));
  await command('npm', ['install', '--offline', '--prefix', folder, archive], { cwd: folder });
  const modules = join(folder, 'node_modules');
  return { bin: join(modules, '.bin'), program: join(modules, 'kusk/kusk.mjs'), archive };
}
