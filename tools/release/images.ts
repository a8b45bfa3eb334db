import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../lab/support/root.ts';
import { packagesOf } from '../build/bundle.ts';
import type { BaseNode } from '../image/base.ts';
import type { WorkshopOptions } from '../image/image.ts';
import { buildLayouts } from '../image/layouts.ts';
import { IMAGE_NAMES, type ImageName, TARGETS } from '../image/names.ts';
import type { ReleasedImage } from './charts.ts';
import { debianPackagesIn } from './debian.ts';
import { writeOciArchive } from './oci.ts';
import { bomOf, nodeComponent, npmBom, packageIds } from './sbom.ts';

export interface BuildImagesOptions extends WorkshopOptions {
  readonly version: string;
  /** Where the source is, as a URL. */
  readonly source: string;
  /** What the operator sends with if ANALYTICS_WRITE_KEY is not set. */
  readonly operatorWriteKey?: string | undefined;
  /** Where the images will be published, with its folder: `ghcr.io/someone`. */
  readonly registry: string;
  readonly nodes: readonly BaseNode[];
  /** Seconds since the epoch. */
  readonly time: string;
  /** The folder of the archives and their lists of components. */
  readonly into: string;
}

/** Builds each image as one archive for all platforms, and a list of components for each platform. */
export async function buildImages(
  options: BuildImagesOptions,
): Promise<ReadonlyMap<ImageName, ReleasedImage>> {
  const { version, registry, time, into } = options;
  const work = await mkdtemp(join(into, '.layouts-'));
  try {
    const all = await buildLayouts({ ...options, into: work });
    const images = IMAGE_NAMES.map(async (image) => {
      const layouts = all.filter((layout) => layout.image === image);
      const reference = `${registry}/${image}:${version}`;
      const file = join(into, archiveName(image, version));
      const digest = await writeOciArchive({ layouts, reference, time, into: file });
      for (const { arch, folder } of layouts) {
        const bom = await imageBom(image, { version, layout: folder });
        await writeFile(join(into, `${image}-${version}-${arch}.cdx.json`), bom);
      }
      const platforms = layouts.map(({ arch }) => `linux/${arch}`);
      return [image, { reference, digest, platforms }] as const;
    });
    return new Map(await Promise.all(images));
  } finally {
    await rm(work, { recursive: true });
  }
}

/** The file that holds an image for all platforms. */
export function archiveName(image: ImageName, version: string): string {
  return `${image}-${version}.oci.tar`;
}

async function imageBom(
  image: ImageName,
  { version, layout }: { readonly version: string; readonly layout: string },
): Promise<string> {
  const program = join(ROOT, `src/bin/${TARGETS[image]}.ts`);
  const packages = await packageIds(await packagesOf(program));
  const others = [nodeComponent(), ...(await debianPackagesIn(layout))];
  return bomOf(await npmBom(), { name: image, version, packages, others });
}
