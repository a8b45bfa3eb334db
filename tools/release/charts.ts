import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { command } from '../../lab/support/command.ts';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';
import type { ImageName } from '../image/names.ts';
import { REGISTRY, withRegistry } from '../image/registry.ts';
import { withAbsoluteLinks } from './absolute-links.ts';
import { type MetadataOptions, withMetadata } from './chart-metadata.ts';

/** The charts of a release, and the image of each. */
export const CHARTS = {
  'kusk-gateway': 'kusk-gateway-telemetry',
  'kusk-collector': 'kusk-collector',
} as const satisfies Readonly<Record<string, ImageName>>;
export type ChartName = keyof typeof CHARTS;
export const CHART_NAMES = Object.keys(CHARTS) as readonly ChartName[];

/** @see https://artifacthub.io/docs/topics/annotations/helm/ */
const IMAGES = 'artifacthub.io/images';

interface Manifest {
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image as a registry has it. */
export interface ReleasedImage {
  /** With its registry and tag. */
  readonly reference: string;
  readonly digest: string;
  /** As in `linux/amd64`. */
  readonly platforms: readonly string[];
}

/** Returns a Chart.yaml with the image that its chart was released with, by digest. */
export function withImage(
  chartYaml: string,
  image: ReleasedImage & { readonly name: string },
): string {
  const { name, reference, digest, platforms } = image;
  const manifest = load(chartYaml) as Manifest;
  const images = [{ name, image: `${reference}@${digest}`, platforms }];
  const annotations = { ...manifest.annotations, [IMAGES]: dump(images, { lineWidth: -1 }) };
  return dump({ ...manifest, annotations }, { lineWidth: -1 });
}

/** Returns the digest of the image that a Chart.yaml names; `undefined` if it names none by digest. */
export function imageDigestOf(chartYaml: string): string | undefined {
  const manifest = load(chartYaml) as Manifest;
  return /@(sha256:[0-9a-f]{64})$/m.exec(manifest.annotations?.[IMAGES] ?? '')?.[1];
}

/** The Chart.yaml of a package. */
export async function chartYamlIn(file: string, name: ChartName): Promise<string> {
  const args = ['--extract', '--to-stdout', '--file', file, `${name}/Chart.yaml`];
  return await command('tar', args);
}

export interface PackChartOptions {
  readonly name: ChartName;
  /** Absent if no image was built. */
  readonly image?: ReleasedImage | undefined;
  readonly metadata: MetadataOptions;
  /** Where its image is, by default that of the checkout. */
  readonly registry?: string;
  /** Seconds since the epoch. */
  readonly time: string;
  /** The file. */
  readonly into: string;
}

/** As `helm package` does, but its archive has the time of the commit, and the same order each time. */
export async function packChart(options: PackChartOptions): Promise<void> {
  const { name, image, metadata, registry = REGISTRY, time, into } = options;
  const work = await mkdtemp(join(tmpdir(), 'kusk-chart-'));
  try {
    await cp(join(ROOT, 'charts', name), join(work, name), { recursive: true });
    for (const file of await filesIn(join(work, name), '**/*.{json,md,tpl,txt,yaml}')) {
      await edit(file, (text) => withRegistry(text, registry));
    }
    await edit(join(work, name, 'Chart.yaml'), (text) => {
      const made = withMetadata(text, metadata);
      return image === undefined ? made : withImage(made, { ...image, name: CHARTS[name] });
    });
    const links = { ...metadata, folder: `charts/${name}` };
    await edit(join(work, name, 'README.md'), (text) => withAbsoluteLinks(text, links));
    const same = ['--sort=name', `--mtime=@${time}`, '--owner=0', '--group=0', '--numeric-owner'];
    const modes = ['--mode=u=rwX,go=rX', '--format=ustar'];
    const what = ['--exclude=ci', '--use-compress-program=gzip -n', '-cf'];
    await command('tar', [...same, ...modes, ...what, into, name], { cwd: work });
  } finally {
    await rm(work, { recursive: true });
  }
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}
