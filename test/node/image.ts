import { releasedImage } from '../../lab/support/programs.ts';
import manifest from '../../package.json' with { type: 'json' };
import { buildImage, type Image, type ImageOptions } from '../../tools/image/image.ts';

/** An image for the node: of the release that is tested, else built from the checkout. */
export async function imageFor(
  name: NonNullable<ImageOptions['name']>,
  log: (line: string) => void,
): Promise<Omit<Image, 'base'>> {
  const archive = releasedImage(name);
  if (archive === undefined) return await buildImage({ name, env: process.env, log });
  return { repository: `docker.io/kubeshop/${name}`, tag: manifest.version, archive };
}
