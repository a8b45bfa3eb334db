import { releasedImage } from '../../lab/support/programs.ts';
import manifest from '../../package.json' with { type: 'json' };
import { buildImage, type Image } from '../../tools/image/image.ts';
import { CHARTS, type ChartName } from '../../tools/release/charts.ts';
import { defaultImage } from '../charts/default-image.ts';

/** The image of a chart for the node: of the release that is tested, else built from the checkout. */
export async function imageFor(
  chart: ChartName,
  log: (line: string) => void,
): Promise<Omit<Image, 'base'>> {
  const name = CHARTS[chart];
  const archive = releasedImage(name);
  if (archive === undefined) return await buildImage({ name, env: process.env, log });
  return { repository: defaultImage(chart), tag: manifest.version, archive };
}
