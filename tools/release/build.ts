import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';
import { bundle } from '../build/bundle.ts';
import { packagesOfCli } from '../build/bundle-cli.ts';
import { buildExecutable, type ForeignNode } from '../cli/executable.ts';
import { buildPackage } from '../cli/package.ts';
import type { ImageName } from '../image/names.ts';
import { REGISTRY } from '../image/registry.ts';
import { withAbsoluteLinks } from './absolute-links.ts';
import { CHART_NAMES, CHARTS, packChart, type ReleasedImage } from './charts.ts';
import { writeChecksums } from './checksums.ts';
import { notesOf } from './notes.ts';
import { bomOf, nodeComponent, npmBom, packageIds } from './sbom.ts';

export interface BuildReleaseOptions {
  readonly version: string;
  /** A folder that exists. Whatever is in it belongs to the release. */
  readonly into: string;
  /** Where the source is, as a URL, for charts and notes. */
  readonly source?: string;
  /** Where charts and `kusk` say that the images are, by default that of the checkout. */
  readonly registry?: string;
  /** What `kusk` sends with if ANALYTICS_WRITE_KEY is not set. */
  readonly writeKey?: string;
  /** The images that were built, for the charts. */
  readonly images?: ReadonlyMap<ImageName, ReleasedImage>;
}

/**
 * Builds everything but images and executables: the programs, the npm package of `kusk`, the charts, the list
 * of components, the notes, and the checksums of all. Resolves with the lines of the checksums.
 */
export async function buildRelease(options: BuildReleaseOptions): Promise<readonly string[]> {
  const { version, into, images, source = '', registry = REGISTRY } = options;
  await bundle(await filesIn(ROOT, 'src/bin/kusk-*.ts'), { into });
  await packKusk(options);
  const time = await commitTime();
  const changelog = await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8');
  const metadata = { version, changelog, source };
  for (const name of CHART_NAMES) {
    const file = join(into, `${name}-${version}.tgz`);
    const image = images?.get(CHARTS[name]);
    await packChart({ name, image, metadata, registry, time, into: file });
  }
  const bom = await kuskBom(version);
  await writeFile(join(into, `kusk-${version}.cdx.json`), bom);
  const notes = withAbsoluteLinks(notesOf(changelog, version) ?? '', { ...metadata, folder: '.' });
  await writeFile(join(into, 'NOTES.md'), notes);
  return await writeChecksums(into);
}

export interface BuildExecutablesOptions {
  readonly version: string;
  readonly into: string;
  readonly registry: string;
  readonly writeKey: string;
  /** The Nodes of other processors. */
  readonly foreign: readonly ForeignNode[];
}

/** Builds `kusk` as one file for this processor and others, each with its list of components. */
export async function buildExecutables(options: BuildExecutablesOptions): Promise<void> {
  const { version, into, registry, writeKey } = options;
  for (const foreign of [undefined, ...options.foreign]) {
    const file = await buildExecutable({ into, writeKey, registry, foreign });
    await writeFile(`${file}.cdx.json`, await kuskBom(version, { hasNode: true }));
  }
}

/** The time of the commit, in seconds since the epoch. */
export async function commitTime(): Promise<string> {
  return (await command('git', ['log', '-1', '--format=%ct'], { cwd: ROOT })).trim();
}

async function packKusk(options: BuildReleaseOptions): Promise<void> {
  const { into, registry, source, writeKey = '' } = options;
  const work = await mkdtemp(join(into, '.npm-'));
  try {
    const packed = await buildPackage({ into: work, writeKey, registry, source });
    await copyFile(packed, join(into, basename(packed)));
  } finally {
    await rm(work, { recursive: true });
  }
}

async function kuskBom(version: string, { hasNode = false } = {}): Promise<string> {
  const packages = await packageIds(await packagesOfCli());
  const others = hasNode ? [nodeComponent()] : [];
  return bomOf(await npmBom(), { name: 'kusk', version, packages, others });
}
