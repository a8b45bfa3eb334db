import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BaseNode, ensureBase } from './base.ts';
import {
  dockerfile,
  inWorkshop,
  ownNode,
  removeUnused,
  sourceOf,
  type WorkshopOptions,
} from './image.ts';
import { IMAGE_NAMES, type ImageName, TARGETS } from './names.ts';

export interface LayoutOptions extends WorkshopOptions {
  readonly version: string;
  /** Where the source is, as a URL. */
  readonly source: string;
  /** What the operator sends with if ANALYTICS_WRITE_KEY is not set. */
  readonly operatorWriteKey?: string | undefined;
  /** The Node of each platform. This machine must run the programs of all of them. */
  readonly nodes: readonly BaseNode[];
  /** A folder that exists and is empty. */
  readonly into: string;
}

/** An image for one platform, as a folder in the form of the OCI. */
export interface Layout {
  readonly image: ImageName;
  readonly arch: string;
  readonly folder: string;
}

/**
 * Builds each image of the Dockerfile for each platform, the same bytes for the same commit and base: files
 * have the time of the commit, and nothing is taken from an earlier build but the bases.
 */
export async function buildLayouts({
  version,
  source,
  operatorWriteKey = '',
  nodes,
  into,
  ...options
}: LayoutOptions): Promise<readonly Layout[]> {
  const { REVISION, CREATED } = await sourceOf();
  const time = String(Date.parse(CREATED) / 1000);
  return inWorkshop(options, async (buildah, workshop) => {
    const layouts: Layout[] = [];
    const own = await ensureBase(buildah, { ...workshop, node: ownNode() });
    for (const node of nodes) {
      const base = await ensureBase(buildah, { ...workshop, node });
      const labels = { VERSION: version, REVISION, CREATED, SOURCE: source };
      const facts = { RUNTIME_IMAGE: base, ...labels, ANALYTICS_WRITE_KEY: operatorWriteKey };
      // The platform is that of the base. With --platform, buildah would not find the base of the other stage.
      const more = ['--timestamp', time, '--no-cache'];
      const bud = await dockerfile(buildah, { ...workshop, base: own, facts, more });
      for (const image of IMAGE_NAMES) {
        const name = `localhost/${image}:${version}-${node.arch}`;
        options.log(`building ${name}`);
        await bud('--target', TARGETS[image], '--tag', name);
        const folder = join(into, `${image}-${node.arch}`);
        await mkdir(folder);
        await buildah(['push', '--format', 'oci', name, `oci:${folder}:${version}`]);
        await buildah(['rmi', name]);
        layouts.push({ image, arch: node.arch, folder });
      }
    }
    await removeUnused(buildah);
    return layouts;
  });
}
