import { copyFile, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CommandOptions, command } from '../../lab/support/command.ts';
import type { Needed } from '../../lab/support/needed.ts';
import { type Buildah, hasImage } from './buildah.ts';

/** The Debian that `node:24-slim` is made from. */
const DEBIAN = 'bookworm';
const PACKAGES = ['ca-certificates', 'libstdc++6'];
/** The time of all files: one for all commits, so that the base does not change with each of them. */
const TIME = '1767225600';

/** What the slim images leave out too. */
const UNNEEDED = ['doc', 'info', 'locale', 'man'].map((name) => `usr/share/${name}`);
const CACHES = ['var/cache/apt', 'var/lib/apt/lists', 'var/log'];

export const NEEDED_FOR_BASE: Needed = { mmdebstrap: 'mmdebstrap' };

export interface BaseOptions extends CommandOptions {
  readonly log: (line: string) => void;
  /** Where there is room for it while it is made. */
  readonly folder: string;
}

/** The Node of a base. */
export interface BaseNode {
  /** As in the name of an image's platform: `amd64`. */
  readonly arch: string;
  readonly file: string;
}

/**
 * Builds an image like `node:24-slim` without a registry, once. Returns its name: Debian's least, with its
 * security updates, and a Node of the version that runs this. The same packages make the same bytes.
 *
 * For another processor, this machine must run its programs.
 */
export async function ensureBase(
  buildah: Buildah,
  { node, ...options }: BaseOptions & { readonly node: BaseNode },
): Promise<string> {
  const name = `localhost/node:${process.versions.node}-debian-${node.arch}`;
  if (await hasImage(buildah, name)) return name;
  options.log(`making ${name}, once (about a minute; with an emulator, ten)`);
  await mkdir(options.folder, { recursive: true });
  const root = await mkdtemp(join(options.folder, 'base-'));
  try {
    await debian(root, { ...options, arch: node.arch });
    await copyFile(node.file, join(root, 'usr/local/bin/node'));
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    await commit(buildah, {
      ...{ from: ['--arch', node.arch, 'scratch'], copied: root, to: '/', name },
      config: ['--arch', node.arch, '--env', path, '--cmd', '["node"]'],
    });
    return name;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Builds the base with npm in it, once, for the stage that builds. Returns its name. */
export async function ensureBuildBase(
  buildah: Buildah,
  { base, env, signal }: BaseOptions & { readonly base: string },
): Promise<string> {
  const name = `${base}-npm`;
  if (await hasImage(buildah, name)) return name;
  const npm = await npmFolder({ env, signal });
  const to = '/usr/local/lib/node_modules/npm';
  const link = ['ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', '/usr/local/bin/npm'];
  await commit(buildah, { from: [base], copied: npm, to, name, run: link });
  return name;
}

/** Where npm on the PATH really is, whichever Node runs it. */
async function npmFolder(options: CommandOptions): Promise<string> {
  const program = await command('sh', ['-c', 'command -v npm'], options);
  return dirname(dirname(await realpath(program.trim())));
}

/** mmdebstrap mounts, and may be interrupted: so it has mounts of its own. */
async function debian(
  root: string,
  { arch, env, signal }: BaseOptions & { readonly arch: string },
): Promise<void> {
  const what = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, `--arch=${arch}`];
  await command('unshare', ['--mount', '--', 'mmdebstrap', ...what, DEBIAN, root], {
    env: { ...env, SOURCE_DATE_EPOCH: TIME },
    signal,
  });
  for (const path of UNNEEDED) await rm(join(root, path), { recursive: true, force: true });
  for (const path of CACHES) {
    await rm(join(root, path), { recursive: true, force: true });
    await mkdir(join(root, path));
  }
}

interface Commit {
  readonly from: readonly string[];
  /** A folder of this machine, and where its content goes. */
  readonly copied: string;
  readonly to: string;
  readonly name: string;
  readonly config?: readonly string[];
  readonly run?: readonly string[];
}

async function commit(
  buildah: Buildah,
  { from, copied, to, name, config = [], run = [] }: Commit,
): Promise<void> {
  const container = (await buildah(['from', '--pull-never', ...from])).trim();
  try {
    await buildah(['copy', '--quiet', container, copied, to]);
    const machine = ['--isolation', 'oci', '--runtime', 'runc'];
    if (run.length > 0) await buildah(['run', ...machine, container, '--', ...run]);
    if (config.length > 0) await buildah(['config', ...config, container]);
    await buildah(['commit', '--quiet', '--timestamp', TIME, container, name]);
  } finally {
    await buildah(['rm', container]);
  }
}
