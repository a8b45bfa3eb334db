import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandOptions, command } from '../../lab/support/command.ts';
import type { Needed } from '../../lab/support/needed.ts';
import { type Buildah, hasImage } from './buildah.ts';

/** The Debian that `node:24-slim` is made from. */
const DEBIAN = 'bookworm';
const PACKAGES = ['ca-certificates', 'libstdc++6'];

/** What the slim images leave out too. */
const UNNEEDED = ['doc', 'info', 'locale', 'man'].map((name) => `usr/share/${name}`);
const CACHES = ['var/cache/apt', 'var/lib/apt/lists', 'var/log'];

export const NEEDED_FOR_BASE: Needed = { debootstrap: 'debootstrap' };

export interface BaseOptions extends CommandOptions {
  readonly log: (line: string) => void;
  /** Where there is room for it while it is made. */
  readonly folder: string;
}

/**
 * Builds an image like `node:24-slim` without a registry, once. Returns its name: Debian's least,
 * with the Node that runs this and its npm.
 */
export async function ensureBase(buildah: Buildah, options: BaseOptions): Promise<string> {
  const name = `localhost/node:${process.versions.node}-slim`;
  if (await hasImage(buildah, name)) return name;
  options.log(`making ${name}, once (about a minute)`);
  await mkdir(options.folder, { recursive: true });
  const root = await mkdtemp(join(options.folder, 'base-'));
  try {
    await debian(root, options);
    await addNode(root, options);
    await commit(buildah, { root, name });
    return name;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** debootstrap mounts, and may be interrupted: so it has mounts of its own. */
async function debian(root: string, { signal }: BaseOptions): Promise<void> {
  const what = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, DEBIAN, root];
  await command('unshare', ['--mount', '--', 'debootstrap', ...what], { signal });
  for (const path of UNNEEDED) await rm(join(root, path), { recursive: true, force: true });
  for (const path of CACHES) {
    await rm(join(root, path), { recursive: true, force: true });
    await mkdir(join(root, path));
  }
}

async function addNode(root: string, { env, signal }: BaseOptions): Promise<void> {
  const npm = join((await command('npm', ['root', '--global'], { env, signal })).trim(), 'npm');
  await cp(process.execPath, join(root, 'usr/local/bin/node'));
  await cp(await realpath(npm), join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
}

async function commit(
  buildah: Buildah,
  { root, name }: { readonly root: string; readonly name: string },
): Promise<void> {
  const container = (await buildah(['from', 'scratch'])).trim();
  try {
    await buildah(['copy', '--quiet', container, root, '/']);
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    await buildah(['config', '--env', path, '--cmd', '["node"]', container]);
    await buildah(['commit', '--quiet', container, name]);
  } finally {
    await buildah(['rm', container]);
  }
}
