import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from '../../lab/control-plane/cache.ts';
import { command } from '../../lab/support/command.ts';
import { withLock } from '../../lab/support/lock.mjs';
import { ensureNeeded } from '../../lab/support/needed.ts';
import { ROOT } from '../../lab/support/root.ts';
import { type BaseOptions, ensureBase, NEEDED_FOR_BASE } from './base.ts';
import { type Buildah, buildahIn, NEEDED } from './buildah.ts';
import { npmSettings } from './npm.ts';

/** The images of the Dockerfile, and the stage of each. */
const TARGETS = {
  'kusk-gateway-telemetry': 'kusk-gateway',
  'kusk-collector': 'kusk-collector',
} as const;
export type ImageName = keyof typeof TARGETS;

/** The stage that both are made from. It has a name so that the next build finds its layers. */
const BUILD_STAGE = 'localhost/kusk-gateway-telemetry:build';

export interface ImageOptions {
  readonly name?: ImageName;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
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
  env,
  log,
  signal,
}: ImageOptions): Promise<Image> {
  if (process.getuid?.() !== 0) throw new Error('Only root can build the image without a daemon.');
  await ensureNeeded({ ...NEEDED, ...NEEDED_FOR_BASE }, { env, log, signal });
  const folder = join(cacheRoot({ env }), 'image');
  await mkdir(folder, { recursive: true });
  const onWait = (owner?: number) => log(`waiting for process ${owner}, which builds the image`);
  return withLock(join(folder, 'lock'), { onWait }, async () => {
    const options = { name, env, log, signal, folder };
    const buildah = buildahIn(folder, { env, signal });
    return build(buildah, await ensureBase(buildah, options), options);
  });
}

async function build(
  buildah: Buildah,
  base: string,
  options: BaseOptions & { readonly name: ImageName },
): Promise<Image> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const repository = `localhost/${options.name}`;
  const name = `${repository}:${version}`;
  const archive = join(options.folder, `${options.name}-${version}.tar`);
  options.log(`building ${name}`);
  const facts = { BUILD_IMAGE: base, RUNTIME_IMAGE: base, VERSION: version, ...(await source()) };
  const machine = ['--pull-never', '--isolation', 'oci', '--runtime', 'runc', '--network', 'host'];
  const values = Object.entries(facts).flatMap(([key, value]) => [
    '--build-arg',
    `${key}=${value}`,
  ]);
  const npm = await npmSettings(options);
  const steps = { log: (line: string) => line.includes(' RUN ') && options.log(`  ${line}`) };
  const bud = async (...more: readonly string[]) =>
    await buildah(['bud', '--layers', ...machine, ...npm, ...values, ...more, ROOT], steps);
  await bud('--target', 'build', '--tag', BUILD_STAGE);
  await bud('--target', TARGETS[options.name], '--tag', name);
  await rm(archive, { force: true });
  await buildah(['push', name, `docker-archive:${archive}:${name}`]);
  await removeUnused(buildah);
  return { repository, tag: version, base, archive };
}

/** The commit and its time, so that the same commit makes the same labels. Absent in an export. */
async function source(): Promise<Readonly<Record<string, string>>> {
  const show = async (format: string) =>
    (await command('git', ['log', '-1', `--format=${format}`], { cwd: ROOT })).trim();
  return show('%H').then(
    async (REVISION) => ({ REVISION, CREATED: await show('%cI') }),
    () => ({}),
  );
}

/** Images that later ones have taken the names of. The layers of the one in use stay. */
async function removeUnused(buildah: Buildah): Promise<void> {
  await buildah(['rmi', '--prune']).catch(() => {});
}
