import { copyFile, cp, mkdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';
import manifest from '../../package.json' with { type: 'json' };
import { IMAGE_NAMES } from '../image/names.ts';
import { CHART_NAMES } from '../release/charts.ts';
import { archiveName } from '../release/images.ts';

export interface Unpacked {
  /** The programs, and `kusk` from its package. */
  readonly bundles: string;
  /** `charts/NAME`, the package of `kusk` as `kusk.tgz`, and each image as `NAME.oci.tar`. */
  readonly release: string;
}

/** Unpacks what `npm run release` has built, as tests use it, into an empty folder. */
export async function unpackRelease(from: string, into: string): Promise<Unpacked> {
  const { version } = manifest;
  const bundles = join(into, 'bundles');
  const charts = join(into, 'charts');
  for (const folder of [bundles, charts]) await mkdir(folder, { recursive: true });
  for (const file of await filesIn(from, '*.mjs*')) {
    await copyFile(file, join(bundles, basename(file)));
  }
  const kusk = join(into, 'kusk.tgz');
  await copyFile(join(from, `kusk-${version}.tgz`), kusk);
  await command('tar', ['--strip-components=1', '-xzf', kusk, '-C', bundles]);
  for (const image of IMAGE_NAMES) {
    await symlink(join(from, archiveName(image, version)), join(into, `${image}.oci.tar`));
  }
  for (const name of CHART_NAMES) {
    await command('tar', ['-xzf', join(from, `${name}-${version}.tgz`), '-C', charts]);
    // Values for tests are not in the packages.
    await cp(join(ROOT, 'charts', name, 'ci'), join(charts, name, 'ci'), { recursive: true });
  }
  return { bundles, release: into };
}
