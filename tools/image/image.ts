import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from '../../lab/control-plane/cache.ts';
import { command } from '../../lab/support/command.ts';
import { withLock } from '../../lab/support/lock.mjs';
import { ensureNeeded } from '../../lab/support/needed.ts';
import { ROOT } from '../../lab/support/root.ts';
import { type BaseOptions, ensureBase, ensureBuildBase, NEEDED_FOR_BASE } from './base.ts';
import { type Buildah, buildahIn, NEEDED } from './buildah.ts';
import { type ImageName, TARGETS } from './names.ts';
import { npmSettings } from './npm.ts';

/** The stage that both are made from. It has a name so that the next build finds its layers. */
const BUILD_STAGE = 'localhost/kusk-gateway-telemetry:build';

export interface WorkshopOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface ImageOptions extends WorkshopOptions {
  readonly name?: ImageName;
}

/** An image, and the one that it stands on, in one archive. */
export interface Image {
  readonly repository: string;
  readonly tag: string;
  readonly base: string;
  /** A file that `ctr images import` and `docker load` take. */
  readonly archive: string;
}

/**
 * Builds the Dockerfile on a base that is made here, without a registry of images, and without a
 * daemon. What is missing for it is installed, if that is allowed.
 *
 * npm's packages are had from where npm has them here. Needs root. Two that build at the same time wait for
 * each other.
 */
export async function buildImage({
  name = 'kusk-gateway-telemetry',
  ...options
}: ImageOptions): Promise<Image> {
  return inWorkshop(options, (buildah, workshop) => build(buildah, { ...workshop, name }));
}

/** Runs something with a buildah that has all it needs, and a folder of its own. */
export async function inWorkshop<Result>(
  { env, log, signal }: WorkshopOptions,
  task: (buildah: Buildah, options: BaseOptions) => Promise<Result>,
): Promise<Result> {
  if (process.getuid?.() !== 0) throw new Error('Only root can build the image without a daemon.');
  await ensureNeeded({ ...NEEDED, ...NEEDED_FOR_BASE }, { env, log, signal });
  const folder = join(cacheRoot({ env }), 'image');
  await mkdir(folder, { recursive: true });
  const onWait = (owner?: number) => log(`waiting for process ${owner}, which builds the image`);
  return withLock(join(folder, 'lock'), { onWait }, () =>
    task(buildahIn(folder, { env, signal }), { env, log, signal, folder }),
  );
}

async function build(
  buildah: Buildah,
  { name: image, ...options }: BaseOptions & { readonly name: ImageName },
): Promise<Image> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const base = await ensureBase(buildah, { ...options, node: ownNode() });
  const repository = `localhost/${image}`;
  const name = `${repository}:${version}`;
  const archive = join(options.folder, `${image}-${version}.tar`);
  options.log(`building ${name}`);
  const source = await sourceOf().catch(() => ({}));
  const facts = { RUNTIME_IMAGE: base, VERSION: version, ...source };
  const bud = await dockerfile(buildah, { ...options, base, facts, more: ['--layers'] });
  await bud('--target', 'build', '--tag', BUILD_STAGE);
  await bud('--target', TARGETS[image], '--tag', name);
  await rm(archive, { force: true });
  await buildah(['push', name, `docker-archive:${archive}:${name}`]);
  await removeUnused(buildah);
  return { repository, tag: version, base, archive };
}

/** The Node that runs this. */
export function ownNode() {
  return { arch: process.arch === 'x64' ? 'amd64' : process.arch, file: process.execPath };
}

export interface DockerfileOptions extends BaseOptions {
  /** The base for this machine, on which the programs are built. */
  readonly base: string;
  /** The arguments of the Dockerfile. */
  readonly facts: Readonly<Record<string, string>>;
  readonly more: readonly string[];
}

/** Returns what builds a target of the Dockerfile, with the arguments that name it. */
export async function dockerfile(
  buildah: Buildah,
  { base, facts, more, ...options }: DockerfileOptions,
): Promise<(...target: readonly string[]) => Promise<string>> {
  const machine = ['--pull-never', '--isolation', 'oci', '--runtime', 'runc', '--network', 'host'];
  const all = { BUILD_IMAGE: await ensureBuildBase(buildah, { ...options, base }), ...facts };
  const values = Object.entries(all).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
  const npm = await npmSettings(options);
  const steps = { log: (line: string) => line.includes(' RUN ') && options.log(`  ${line}`) };
  return (...target) =>
    buildah(['bud', ...more, ...machine, ...npm, ...values, ...target, ROOT], steps);
}

/** The commit and its time, so that the same commit makes the same labels. Rejects in an export. */
export async function sourceOf(): Promise<Readonly<Record<'REVISION' | 'CREATED', string>>> {
  const show = async (format: string) =>
    (await command('git', ['log', '-1', `--format=${format}`], { cwd: ROOT })).trim();
  return { REVISION: await show('%H'), CREATED: await show('%cI') };
}

/** Images that later ones have taken the names of. The layers of the one in use stay. */
export async function removeUnused(buildah: Buildah): Promise<void> {
  await buildah(['rmi', '--prune']).catch(() => {});
}
